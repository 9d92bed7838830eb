#pragma once

#include <vector>

#include "listening/import.h"
#include "listening/plays.h"
#include "listening/spellings.h"
#include "listening/tracks.h"

namespace segue {

/// Everything a data folder holds of its logs, in memory.
struct DataFolder {
  Spellings spellings;
  Tracks tracks;
  Plays plays;
  std::vector<SourceReport> sources;
};

/// Empty if nothing was imported there yet. Throws Error if its files are not as Segue wrote them.
DataFolder load_data_folder(const Path& data);

/// Reads one source into the folder in memory; what it breaks off with becomes the report's problem.
SourceReport read_source(const Path& path, const ImportOptions& options, const std::vector<Correction>& corrections, DataFolder& folder);

}  // namespace segue
