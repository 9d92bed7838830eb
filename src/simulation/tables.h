#pragma once

#include <string>

#include "simulation/simulate.h"

namespace segue::simulation {

/// Header and a row per spelling of each track: track_key, artist, title, duration_ms, genre (empty for one in ten),
/// released (0 before the log, else a date).
std::string tracks_table(const Simulation& made);

/// Header and a row per spelling: track_key and 58 values from 0 to 1 in steps of 0.05, empty where missing.
std::string genes_table(const Simulation& made);

/// The planted truth as JSON. For checks; no model may read it.
std::string planted_truth(const Simulation& made);

}  // namespace segue::simulation
