#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>

#include "simulation/simulate.h"

namespace segue::simulation {

/// Small enough to be made in a few milliseconds.
inline Options tiny(uint64_t seed = 1) {
  return {.listeners = 3, .tracks = 200, .plays = 900, .days = 60, .audio_tracks = 16, .audio_seconds = 0.5,
          .extended_listeners = 1, .seed = seed};
}

/// The default world, made once.
inline const Simulation& whole_world() {
  static const Simulation made = simulate({});
  return made;
}

/// A new folder, removed at the end.
struct TemporaryFolder {
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "segue-simulation-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

/// The files inside a zip, by name.
inline std::map<std::string, std::string> unzip(const std::string& bytes) {
  std::map<std::string, std::string> files;
  archive* packed = archive_read_new();
  archive_read_support_format_zip(packed);
  if (archive_read_open_memory(packed, bytes.data(), bytes.size()) != ARCHIVE_OK) throw std::runtime_error("not a zip");
  archive_entry* entry = nullptr;
  while (archive_read_next_header(packed, &entry) == ARCHIVE_OK) {
    std::string& text = files[archive_entry_pathname(entry)];
    char block[1 << 14];
    for (la_ssize_t got; (got = archive_read_data(packed, block, sizeof block)) > 0;) {
      text.append(block, static_cast<size_t>(got));
    }
  }
  archive_read_free(packed);
  return files;
}

}  // namespace segue::simulation
