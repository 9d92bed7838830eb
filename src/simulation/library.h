#pragma once

#include <map>
#include <string>

#include "core/staged_folder.h"
#include "simulation/world.h"

namespace segue::simulation {

/// Which tracks have sound, and in which file: whole albums from all genres, popular artists and unheard-of ones, until
/// `at_least` tracks are reached. Paths are library/Artist/Album/NN Title.wav.
std::map<int32_t, std::string> sound_files(const World& world, int64_t at_least, uint64_t seed);

struct LibraryOptions {
  double seconds;
  uint64_t seed;
};

/// Writes the sounds, and words in .lrc files beside those whose words are known; how many of those.
int64_t write_library(const World& world, const std::map<int32_t, std::string>& sounds, const LibraryOptions& options,
                      StagedFolder& folder);

}  // namespace segue::simulation
