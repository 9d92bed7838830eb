#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sessions/protocol.h"
#include "sessions/raw_log.h"

namespace segue {

/// What is left after a step.
struct Left {
  int64_t rows = 0, users = 0, tracks = 0, sessions = 0;
};

/// What the steps P2-P8 of `paper` leave and how many they left each.
struct Filtered {
  std::array<Left, 9> step;      // [P1 … P8] by number; P1 is the log as it came
  int64_t tied = 0;              // after P3: plays with the time of the play before
  std::vector<int32_t> session;  // [plays left] number of the session, from 1 per listener
};

/// Takes the plays that the steps P2-P8 drop out of the log: listeners with few plays (P2), rare tracks (P3), after
/// cutting sessions (P4) the repeats in a session (P5), short sessions (P6), what goes beyond the first plays of a
/// session (P7), listeners with few sessions (P8).
Filtered filter_paper(RawLog& raw, const TrackKeys& keys, const Protocol::Sessions& rules);

}  // namespace segue
