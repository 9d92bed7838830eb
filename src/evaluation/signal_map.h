#pragma once

#include <string>
#include <vector>

#include "listening/tracks.h"
#include "signals/neighbours.h"

namespace segue {

/// Plays of each track of a data folder; empty where it has none.
std::vector<int64_t> plays_of_tracks(const Path& data, int32_t tracks);

/// The most played tracks of a signal (at most 1,500) on a plane, near ones alike: one HTML page without script or network.
/// Pointing at a dot tells its track and what is nearest to it.
std::string signal_map_page(const Signal& signal, const Tracks& tracks, const std::vector<int64_t>& plays, uint64_t seed);

}  // namespace segue
