#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "simulation/walk.h"

namespace segue::simulation {

struct Options {
  int64_t listeners = 24;
  int64_t tracks = 3000;
  int64_t plays = 60000;               // of all listeners together
  int64_t days = 365;                  // that the log spans
  std::string start = "2024-01-01";    // its first day, UTC
  int64_t audio_tracks = 240;          // of which there is sound, at least; whole albums
  double audio_seconds = 2.0;
  int64_t extended_listeners = 3;      // who also asked for their extended history
  uint64_t seed = 1;
};

/// A world, who listened in it, and to what.
struct Simulation {
  Options options;
  Habits habits;
  int64_t begin_s = 0, end_s = 0;
  World world;
  std::vector<Listener> listeners;
  std::vector<std::vector<Play>> plays;      // of each listener, oldest first
  std::map<int32_t, std::string> sounds;     // track -> its file below the folder, for those that have one
};

/// Makes it all up, from options.seed alone: the same on every machine, with any number of threads.
/// Throws Error where the sizes don't fit together.
Simulation simulate(const Options& options);

struct Counts {
  int64_t plays = 0, repeats = 0, stopped = 0, sessions = 0;
  int64_t by_kind[kinds] = {};
};
Counts count(const Simulation& made);

}  // namespace segue::simulation
