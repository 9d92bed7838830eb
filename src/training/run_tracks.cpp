#include "training/run_tracks.h"

#include <unordered_map>

#include "core/error.h"

namespace segue {
namespace {

/// [N] 1 where a play of a part before `until` is of the track.
std::vector<uint8_t> played_before(const Log& log, Part until) {
  std::vector<uint8_t> played(static_cast<size_t>(log.tracks));
  for (size_t i = 0; i < log.track.size(); ++i) {
    if (log.part[i] < until) played[static_cast<size_t>(log.track[i])] = 1;
  }
  return played;
}

}  // namespace

Rows rows_of(const Log& log, Part until) {
  const auto played = played_before(log, until);
  Rows rows{std::vector<int32_t>(played.size(), -1), {}};
  for (size_t j = 0; j < played.size(); ++j) {
    if (played[j] == 0) continue;
    rows.of_track[j] = static_cast<int32_t>(rows.track.size());
    rows.track.push_back(static_cast<int32_t>(j));
  }
  return rows;
}

std::vector<int32_t> known_rows(const Rows& rows, const Log& log, Part until) {
  auto known = rows.of_track;
  const auto played = played_before(log, until);
  for (size_t j = 0; j < known.size(); ++j) {
    if (played[j] == 0) known[j] = -1;
  }
  return known;
}

void write_rows(const Path& path, const Rows& rows, const Prepared& prepared) {
  std::vector<int32_t> number;
  Texts artist, title;
  for (const int32_t j : rows.track) {
    number.push_back(prepared.data_track[static_cast<size_t>(j)]);
    artist.push_back(prepared.artist[static_cast<size_t>(j)]);
    title.push_back(prepared.title[static_cast<size_t>(j)]);
  }
  write_table(path, {{"track", number}, {"artist", artist}, {"title", title}});
}

std::vector<int32_t> read_rows(const Path& path, const std::vector<int32_t>& data_track, const Texts& artist, const Texts& title, int64_t& rows) {
  Table table = read_table(path);
  const auto& number = values<int32_t>(table, "track");
  const Texts& artists = texts(table, "artist");
  const Texts& titles = texts(table, "title");
  rows = std::ssize(number);
  std::unordered_map<int32_t, std::vector<int32_t>> rows_of_number;
  for (size_t r = 0; r < number.size(); ++r) rows_of_number[number[r]].push_back(static_cast<int32_t>(r));
  std::unordered_map<int32_t, int32_t> times;  // a number stands in the log
  for (const int32_t track : data_track) ++times[track];
  std::vector<int32_t> row(data_track.size(), -1);
  size_t named = 0, others = 0;
  for (size_t j = 0; j < row.size(); ++j) {
    const auto at = rows_of_number.find(data_track[j]);
    if (at == rows_of_number.end()) continue;
    for (const int32_t r : at->second) {
      if (row[j] < 0 && artists[static_cast<size_t>(r)] == artist[j] && titles[static_cast<size_t>(r)] == title[j]) row[j] = r;
    }
    ++(row[j] >= 0 ? named : others);
    if (row[j] < 0 && times[data_track[j]] == 1) row[j] = at->second.front();
  }
  const std::string folder = path.parent_path().string();
  if (named + others == 0) throw Error("{}: learned from another data folder: none of its {} tracks is here", folder, rows);
  if (others > named) throw Error("{}: learned from another data folder: {} of {} tracks have another name there", folder, others, named + others);
  return row;
}

}  // namespace segue
