#pragma once

#include <string>
#include <vector>

#include "core/files.h"

namespace segue {

/// SHA-256 of a file, 64 hex digits. Throws Error if it can't be read.
std::string sha256_of(const Path& file);

struct Checksum {
  std::string file;  // below the folder, divided by /
  std::string sha256;
};

constexpr const char* checksums_file = "SHA256SUMS";

/// As `sha256sum` writes it and `sha256sum -c` reads it.
std::string text_of(const std::vector<Checksum>& checksums);

/// SHA256SUMS of a folder. Throws Error: it is missing, a line is none, or a name leads out of the folder.
std::vector<Checksum> read_checksums(const Path& folder);

/// Throws Error that names the first file that is missing or is not what it was.
void verify(const Path& folder, const std::vector<Checksum>& checksums);

}  // namespace segue
