#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "audio/sound_reader.h"
#include "audio/tags.h"
#include "core/console.h"
#include "core/error.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "listening/delimited.h"
#include "signals/lyrics.h"
#include "signals/music_tables.h"
#include "signals/music_walk.h"
#include "signals/path_names.h"
#include "signals/track_index.h"

namespace segue {
namespace {

constexpr double same_length_s = 3;

/// A file with all that was read of it.
struct Heard {
  MusicFile file;
  SoundTags tags;
  std::string id;        // of MusicBrainz
  bool unchanged = false;
  std::string problem;
};

/// Ties files one after the other; those that come first are not changed by those behind them.
class Tie {
 public:
  Tie(const Path& data, const MusicOptions& options)
      : options_(options), tracks_(tracks_of(data)), had_(tracks_.size()), index_(tracks_, corrections_of(data)) {
    if (options.corrections.empty()) return;
    read_delimited(options.corrections, {"path", "artist", "title"}, [&](const std::vector<std::string>& f) {
      corrected_[std::filesystem::absolute(options.corrections.parent_path() / f[0]).lexically_normal().string()] = {f[1], f[2]};
    });
  }

  void file(Heard& heard, const Path& root) {
    MusicFile& file = heard.file;
    if (!heard.problem.empty()) return set(file, -1, tied::unreadable);
    if (const auto said = corrected_.find(file.path); said != corrected_.end()) {
      file.artist = said->second.artist;
      file.title = said->second.title;
      file.how = tied::by_correction;
      const auto& same = index_.by_names(file.artist, file.title);
      file.track = same.empty() ? add(file, heard.id) : same.front();
      return;
    }
    if (const int32_t track = index_.by_id(heard.id); track >= 0) return set(file, track, tied::by_id);
    if (!file.artist.empty() && !file.title.empty()) return by_names(file, heard.id, tied::by_names, tied::as_new);
    const PathNames names = path_names(file.path, root);
    if (file.title.empty()) file.title = names.title;
    if (file.artist.empty()) file.artist = names.artist;
    if (file.artist.empty() || file.title.empty()) return set(file, -1, tied::unnamed);
    by_names(file, heard.id, tied::by_path, tied::as_new_by_path);
  }

  /// The track of these names, if there is just one.
  int32_t named(const std::string& artist, const std::string& title) const {
    const auto& same = index_.by_names(artist, title);
    return same.size() == 1 ? same.front() : -1;
  }
  int32_t added() const { return tracks_.size() - had_; }
  const Tracks& tracks() const { return tracks_; }

 private:
  static void set(MusicFile& file, int32_t track, const char* how) {
    file.track = track;
    file.how = how;
  }

  void by_names(MusicFile& file, const std::string& id, const char* how, const char* as_new) {
    const auto same = index_.by_names(file.artist, file.title);
    if (same.size() == 1) return set(file, same.front(), how);
    if (same.empty()) return options_.only_known ? set(file, -1, tied::unnamed) : set(file, add(file, id), as_new);
    std::vector<int32_t> as_long;
    for (const int32_t track : same) {
      const auto length_ms = static_cast<double>(tracks_.length_ms[static_cast<size_t>(track)]);
      if (file.seconds > 0 && length_ms > 0 && std::abs(length_ms / 1000 - file.seconds) <= same_length_s) as_long.push_back(track);
    }
    if (as_long.size() == 1) set(file, as_long.front(), tied::by_length);
    else set(file, -1, tied::ambiguous);
  }

  int32_t add(const MusicFile& file, const std::string& id) {
    const int32_t track = index_.add(file.artist, file.title, id);
    tracks_.length_ms[static_cast<size_t>(track)] = static_cast<int64_t>(1000 * file.seconds);
    return track;
  }

  const MusicOptions& options_;
  Tracks tracks_;
  int32_t had_;
  TrackIndex index_;
  std::unordered_map<std::string, PathNames> corrected_;
};

Heard hear(const FoundFile& found, const std::unordered_map<std::string, const MusicFile*>& before) {
  Heard heard;
  MusicFile& file = heard.file;
  file.path = found.path.string();
  file.bytes = found.bytes;
  file.changed_ms = found.changed_ms;
  const auto known = before.find(file.path);
  heard.unchanged = known != before.end() && known->second->bytes == file.bytes && known->second->changed_ms == file.changed_ms;
  try {
    file.content = heard.unchanged ? known->second->content : content_hash(found.path, found.bytes);
    heard.tags = read_tags(found.path);
    // Where tags say how long it is, somebody found sound in it; else it has to be heard, or it would be a track without any.
    if (heard.tags.seconds <= 0) SoundReader(found.path, 8000);
  } catch (const Error& failed) {
    heard.problem = failed.what();
  }
  file.artist = heard.tags.artist.empty() ? heard.tags.album_artist : heard.tags.artist;
  file.title = heard.tags.title;
  file.album = heard.tags.album;
  file.seconds = heard.tags.seconds;
  heard.id = heard.tags.recording_mbid;
  return heard;
}

std::vector<Heard> hear_all(const std::vector<FoundFile>& found, const std::vector<MusicFile>& known) {
  std::unordered_map<std::string, const MusicFile*> before;
  for (const auto& file : known) before[file.path] = &file;
  std::vector<Heard> heard(found.size());
  Progress progress("reading tags", static_cast<int64_t>(found.size()), "files");
  std::mutex mutex;
  parallel_for(static_cast<int64_t>(found.size()), [&](int64_t i) {
    heard[static_cast<size_t>(i)] = hear(found[static_cast<size_t>(i)], before);
    const std::lock_guard lock(mutex);
    progress.advance(1);
  });
  return heard;
}

/// Words of tracks, the better source of two kept.
class Words {
 public:
  explicit Words(MusicReport& report) : report_(report) {}

  /// raw: as people keep it. track: -1 counts it as one that names no track.
  void add(int32_t track, const std::string& raw, const std::string& source) {
    const auto lyrics = read_lyrics(raw);
    if (!lyrics) return;
    if (track < 0) {
      ++report_.lyrics_untied;
      return;
    }
    const TrackLyrics fresh{track, lyrics->instrumental, lyrics->text, source};
    const auto [at, first] = of_.try_emplace(track, fresh);
    if (!first && place_of(source) < place_of(at->second.source)) at->second = fresh;
  }

  /// These, and of the tracks that have none here those that were known before; by track.
  std::vector<TrackLyrics> over(const std::vector<TrackLyrics>& before) const {
    std::map<int32_t, TrackLyrics> both = of_;
    for (const auto& one : before) both.try_emplace(one.track, one);
    std::vector<TrackLyrics> all;
    for (const auto& [track, lyrics] : both) all.push_back(lyrics);
    return all;
  }

 private:
  static int place_of(const std::string& source) { return source == "table" ? 0 : source == "lrc" ? 1 : source == "txt" ? 2 : 3; }

  MusicReport& report_;
  std::map<int32_t, TrackLyrics> of_;
};

/// Words beside a sound are that track's; else an .lrc names its track in its tags or by its path.
void add_word_files(const std::vector<FoundFile>& files, const std::map<std::string, int32_t>& track_of_stem, const Tie& tie, Words& words,
                    MusicReport& report) {
  for (const auto& found : files) {
    const bool lrc = found.path.extension() == ".lrc" || found.path.extension() == ".LRC";
    const auto beside = track_of_stem.find((found.path.parent_path() / found.path.stem()).string());
    if (beside == track_of_stem.end() && !lrc) continue;  // some text
    try {
      const std::string raw = read_lyrics_file(found.path);
      int32_t track = beside == track_of_stem.end() ? -1 : beside->second;
      if (beside == track_of_stem.end()) {
        const LyricsTags tags = lyrics_tags(raw);
        const PathNames names = path_names(found.path, found.root);
        track = tags.artist.empty() || tags.title.empty() ? tie.named(names.artist, names.title) : tie.named(tags.artist, tags.title);
      }
      words.add(track, raw, lrc ? "lrc" : "txt");
    } catch (const Error& failed) {
      report.problems.push_back(failed.what());
    }
  }
}

void add_tables(const std::vector<Path>& tables, const Tie& tie, Words& words) {
  for (const auto& table : tables) {
    read_delimited(table, {"artist", "title", "lyrics"}, [&](const std::vector<std::string>& f) { words.add(tie.named(f[0], f[1]), f[2], "table"); });
  }
}

bool below(const std::string& path, const std::vector<Path>& folders) {
  return std::any_of(folders.begin(), folders.end(), [&](const Path& folder) {
    const auto relative = Path(path).lexically_relative(std::filesystem::absolute(folder).lexically_normal());
    return !relative.empty() && *relative.begin() != "..";
  });
}

void count(const std::vector<MusicFile>& files, MusicReport& report) {
  for (const auto& file : files) {
    ++report.tied[file.how];
    report.example.try_emplace(file.how, file.path);
  }
  report.files = static_cast<int64_t>(files.size());
  report.tracks = static_cast<int64_t>(sound_of_tracks(files).size());
}

}  // namespace

MusicReport tie_music(const Path& data, const MusicOptions& options) {
  const Walked walked = walk_music(options.music);
  Changes changes(data);
  const auto known = load_music_files(data);
  Tie tie(data, options);
  MusicReport report;
  report.others = walked.others;
  report.problems = walked.problems;
  Words words(report);
  std::map<std::string, int32_t> track_of_stem;
  std::vector<MusicFile> files;
  auto heard = hear_all(walked.sounds, known);
  for (size_t i = 0; i < heard.size(); ++i) {
    tie.file(heard[i], walked.sounds[i].root);
    const MusicFile& file = heard[i].file;
    if (!heard[i].problem.empty()) report.problems.push_back(heard[i].problem);
    if (file.track >= 0) track_of_stem[(walked.sounds[i].path.parent_path() / walked.sounds[i].path.stem()).string()] = file.track;
    if (file.track >= 0 && !heard[i].tags.lyrics.empty()) words.add(file.track, heard[i].tags.lyrics, "tags");
    files.push_back(file);
  }
  for (const auto& file : known) {
    if (!below(file.path, options.music)) files.push_back(file);
  }
  add_word_files(walked.words, track_of_stem, tie, words, report);
  add_tables(options.lyrics, tie, words);
  const auto lyrics = words.over(load_lyrics(data));
  for (const auto& one : lyrics) ++report.lyrics[one.instrumental ? "instrumental" : one.source];
  std::sort(files.begin(), files.end(), [](const MusicFile& a, const MusicFile& b) { return a.path < b.path; });
  report.added = tie.added();
  count(files, report);
  save_music_files(changes.folder(), files);
  save_lyrics(changes.folder(), lyrics);
  tie.tracks().save(changes.folder() / "tracks.parquet");
  changes.commit();
  return report;
}

}  // namespace segue
