#pragma once

#include <string>
#include <vector>

#include "listening/tracks.h"
#include "signals/neighbours.h"

namespace segue {

/// The most played tracks of a signal (at most 1,500) on a plane, near ones alike: one HTML page without script or network.
/// Pointing at a dot tells its track and what is nearest to it.
std::string signal_map_page(const Signal& signal, const Tracks& tracks, const std::vector<int64_t>& plays, uint64_t seed);

}  // namespace segue
