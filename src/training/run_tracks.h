#pragma once

#include <string>
#include <vector>

#include "sessions/prepared.h"

namespace segue {

/// Rows of a run's table of ids: the tracks that are learned from, by number.
struct Rows {
  std::vector<int32_t> of_track;  // [N] -1 where it has none
  std::vector<int32_t> track;     // [rows]
};

/// A row for each track that a part before `until` has.
Rows rows_of(const Log& log, Part until);

/// The same table without the tracks that only later parts have: [N].
std::vector<int32_t> known_rows(const Rows& rows, const Log& log, Part until);

/// tracks.parquet: of each row the number of its track in the data folder, and the names that the log gives it.
void write_rows(const Path& path, const Rows& rows, const Prepared& prepared);

/// Reads it for the tracks of a log: [N] the row of each, -1 where it has none. data_track, artist, title: [N].
/// Where tracks are told apart by spelling, several rows have one number, and names decide; a log that knows the number
/// only once gets the first of them. Throws Error where most names differ: it is of another data folder. rows: how many
/// there are.
std::vector<int32_t> read_rows(const Path& path, const std::vector<int32_t>& data_track, const Texts& artist, const Texts& title, int64_t& rows);

}  // namespace segue
