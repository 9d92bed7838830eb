#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "signals/signal.h"

namespace segue {

struct TableReport {
  SignalAbout about;
  int64_t rows = 0;
  int64_t tied = 0;       // rows that are of a track of the data folder
  int64_t tracks = 0;     // with a vector now
  int64_t repeated = 0;   // rows of a track that had one already: the first counts
  int64_t missing = 0;    // numbers that are not known in the rows taken
};

nlohmann::ordered_json to_json(const TableReport& report);
std::string text_of(const TableReport& report);

/// Takes vectors that others made as a signal. The file is one of
///
///  * a table (TSV, CSV, plain or gzip; Parquet): columns `artist` and `title` (or `track`), or `id` (MusicBrainz or service),
///    and besides them numbers, or in Parquet lists of numbers: all of these, in their order, are the vector. Fields that are
///    empty, null or no finite number are missing;
///  * safetensors: `vectors` float [n, D]; `track` int32 or int64 [n], numbers of the data folder, or none where row i is
///    track i; `known` bool or uint8 [n] or [n, D], or none;
///  * npy: float [n, D] (f4, f8, in the order of C), row i is track i; beside it `mask` npy [n] or [n, D].
///
/// name: of the signal; it is made anew. The space is the file's content and its columns: two tables are two spaces. Throws
/// Error: a file that is none of these, a width of 0, more rows than tracks, a row that is no track's number, no row tied.
TableReport import_vectors(const Path& data, const std::string& name, const Path& file, const Path& mask);

/// The vectors of a signal with the names and ids of their tracks, in one file (safetensors), without sound or lyrics: to be
/// taken to another data folder. Throws Error where the disk is full.
void export_pack(const Path& data, const std::string& name, const Path& file);

/// Takes such a file into a data folder: tracks are found by id, then by names. Adds to the signal where there is one; throws
/// Error where that has another space.
TableReport import_pack(const Path& data, const std::string& name, const Path& file);

}  // namespace segue
