#pragma once

#include <cstdint>
#include <vector>

#include "sessions/log.h"
#include "sessions/protocol.h"

namespace segue {

/// The largest set of listeners and tracks in which every listener has at least min_user train plays and min_sessions
/// sessions of at least `session` plays, and every track min_track, counting plays whose both ends are in the set (C7).
struct CoreSet {
  std::vector<uint8_t> user, track;             // 1 where in the set
  int64_t users = 0, tracks = 0, rows = 0;      // listeners and tracks with a play in the set; its plays
};

/// first: [U + 1]; track, session, part: [plays]. Only plays of a part before val count.
CoreSet core_set(const std::vector<int64_t>& first, const std::vector<int32_t>& track, const std::vector<int32_t>& session,
                 const std::vector<Part>& part, int32_t tracks, const Protocol::Sessions& rules);

}  // namespace segue
