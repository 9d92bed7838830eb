#pragma once

#include "core/staged_folder.h"
#include "simulation/simulate.h"

namespace segue::simulation {

/// What was written, and how large.
struct WrittenFiles {
  int64_t files = 0, bytes = 0;
  int64_t lyrics = 0;  // .lrc files
};

/// A file that every simulation has: what has it is one, and may be overwritten.
constexpr const char* simulation_mark = "planted.json";

/// Writes the logs, exports, sounds, lyrics and tables, and commits the folder.
WrittenFiles write_simulation(const Simulation& made, StagedFolder& folder);

}  // namespace segue::simulation
