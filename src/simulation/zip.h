#pragma once

#include <string>
#include <vector>

namespace segue::simulation {

struct ZipEntry {
  std::string name, bytes;
};

/// A zip file in memory, every entry dated 2025-01-01. The same entries give the same bytes with the same libarchive
/// and zlib; what is inside is the same with any.
std::string zip(const std::vector<ZipEntry>& entries);

}  // namespace segue::simulation
