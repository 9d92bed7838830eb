#pragma once

#include "core/files.h"
#include "simulation/simulate.h"

namespace segue::simulation {

/// What was written, and how large.
struct WrittenFiles {
  int64_t files = 0, bytes = 0;
  int64_t lyrics = 0;  // .lrc files
};

/// Writes the logs, exports, sounds, lyrics and tables into the folder, which appears whole or not at all.
/// Throws Error if something is there already, unless it is an older simulation and options.overwrite is set.
WrittenFiles write_simulation(const Simulation& made, const Path& into);

}  // namespace segue::simulation
