#include "signals/music_files.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/console.h"
#include "core/error.h"
#include "core/table.h"
#include "signals/music_tables.h"

namespace segue {
namespace {

constexpr const char* files_table = "files.parquet";
constexpr const char* lyrics_table = "lyrics.parquet";

/// What a person reads in place of the words of `tied`.
std::string in_words(const std::string& how) {
  static const std::map<std::string, std::string> words{
      {tied::by_correction, "as the corrections say"},
      {tied::by_id, "by the id of their tags"},
      {tied::by_names, "by the names of their tags"},
      {tied::by_length, "by names and length"},
      {tied::by_path, "by the names of their path"},
      {tied::as_new, "new tracks, by their tags"},
      {tied::as_new_by_path, "new tracks, by their path"},
      {tied::ambiguous, "left out: several tracks have these names"},
      {tied::unnamed, "left out: nothing names them"},
      {tied::unreadable, "left out: no sound that can be read"},
  };
  const auto found = words.find(how);
  return found == words.end() ? how : found->second;
}

}  // namespace

void save_music_files(const Path& folder, const std::vector<MusicFile>& files) {
  Texts path, how, artist, title, album;
  std::vector<int64_t> bytes, changed, content;
  std::vector<int32_t> track;
  std::vector<double> seconds;
  for (const auto& file : files) {
    path.push_back(file.path);
    how.push_back(file.how);
    artist.push_back(file.artist);
    title.push_back(file.title);
    album.push_back(file.album);
    bytes.push_back(file.bytes);
    changed.push_back(file.changed_ms);
    content.push_back(file.content);
    track.push_back(file.track);
    seconds.push_back(file.seconds);
  }
  write_table(folder / files_table, {{"path", path}, {"bytes", bytes}, {"changed_ms", changed}, {"content", content}, {"track", track}, {"how", how},
                                     {"artist", artist}, {"title", title}, {"album", album}, {"seconds", seconds}});
}

std::vector<MusicFile> load_music_files(const Path& data) {
  std::vector<MusicFile> files;
  if (!std::filesystem::exists(data / files_table)) return files;
  Table table = read_table(data / files_table, {"path", "bytes", "changed_ms", "content", "track", "how", "artist", "title", "album", "seconds"});
  const auto& path = texts(table, "path");
  for (size_t i = 0; i < path.size(); ++i) {
    files.push_back({std::string(path[i]), values<int64_t>(table, "bytes")[i], values<int64_t>(table, "changed_ms")[i], values<int64_t>(table, "content")[i],
                     values<int32_t>(table, "track")[i], std::string(texts(table, "how")[i]), std::string(texts(table, "artist")[i]),
                     std::string(texts(table, "title")[i]), std::string(texts(table, "album")[i]), values<double>(table, "seconds")[i]});
  }
  return files;
}

void save_lyrics(const Path& folder, const std::vector<TrackLyrics>& lyrics) {
  std::vector<int32_t> track;
  Flags instrumental;
  Texts text, source;
  for (const auto& one : lyrics) {
    track.push_back(one.track);
    instrumental.push_back(one.instrumental ? 1 : 0);
    text.push_back(one.text);
    source.push_back(one.source);
  }
  write_table(folder / lyrics_table, {{"track", track}, {"instrumental", instrumental}, {"text", text}, {"source", source}});
}

std::vector<TrackLyrics> load_lyrics(const Path& data) {
  std::vector<TrackLyrics> lyrics;
  if (!std::filesystem::exists(data / lyrics_table)) return lyrics;
  Table table = read_table(data / lyrics_table, {"track", "instrumental", "text", "source"});
  const auto& track = values<int32_t>(table, "track");
  for (size_t i = 0; i < track.size(); ++i) {
    lyrics.push_back({track[i], values<uint8_t>(table, "instrumental")[i] != 0, std::string(texts(table, "text")[i]), std::string(texts(table, "source")[i])});
  }
  return lyrics;
}

std::map<int32_t, MusicFile> sound_of_tracks(const std::vector<MusicFile>& files) {
  std::map<int32_t, MusicFile> best;
  const auto better = [](const MusicFile& a, const MusicFile& b) {
    const bool a_id = a.how == tied::by_id || a.how == tied::by_correction, b_id = b.how == tied::by_id || b.how == tied::by_correction;
    if (a_id != b_id) return a_id;
    return a.bytes != b.bytes ? a.bytes > b.bytes : a.path < b.path;
  };
  for (const auto& file : files) {
    if (file.track < 0) continue;
    const auto [at, first] = best.try_emplace(file.track, file);
    if (!first && better(file, at->second)) at->second = file;
  }
  return best;
}

nlohmann::ordered_json to_json(const MusicReport& report) {
  return {{"files", report.files},   {"other_files", report.others}, {"tied", report.tied},
          {"examples", report.example}, {"tracks", report.tracks},   {"tracks_added", report.added},
          {"lyrics", report.lyrics}, {"lyrics_untied", report.lyrics_untied}, {"problems", report.problems}};
}

std::string text_of(const MusicReport& report) {
  TextTable table({"<files of sound", "count", "<example"});
  table.row({"found", std::to_string(report.files), ""});
  table.rule();
  for (const auto& [how, count] : report.tied) {
    const auto example = report.example.find(how);
    table.row({in_words(how), std::to_string(count), example == report.example.end() ? "" : example->second});
  }
  std::string out = table.text();
  out += fmt::format("{} tracks have sound, {} of them added now; lyrics:", report.tracks, report.added);
  for (const auto& [source, count] : report.lyrics) out += fmt::format(" {} {},", count, source);
  if (report.lyrics.empty()) out += " none,";
  out += fmt::format(" {} texts name no track\n", report.lyrics_untied);
  for (size_t i = 0; i < report.problems.size() && i < 10; ++i) out += printable(report.problems[i]) + "\n";
  if (report.problems.size() > 10) out += fmt::format("and {} more\n", report.problems.size() - 10);
  return out;
}

}  // namespace segue
