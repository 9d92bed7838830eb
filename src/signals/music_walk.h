#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/files.h"

namespace segue {

/// A file that may hold sound or words, by the ending of its name.
struct FoundFile {
  Path path;            // absolute
  Path root;            // of the folders given, the one it was found in
  int64_t bytes = 0;
  int64_t changed_ms = 0;
};

struct Walked {
  std::vector<FoundFile> sounds, words;  // by path
  int64_t others = 0;                    // with other endings
  std::vector<std::string> problems;     // folders that may not be read, links that lead nowhere
};

/// All files below some folders, or files given by themselves, each once: links are followed, and a folder that was seen is
/// not entered again. Hidden ones are passed over. Throws Error where a given path does not exist.
Walked walk_music(const std::vector<Path>& paths);

/// Tells contents apart: a hash of the size and of 64 KiB at each end. Throws Error where it can't be read.
int64_t content_hash(const Path& file, int64_t bytes);

}  // namespace segue
