#pragma once

#include <cstdint>
#include <vector>

#include "sessions/prepared.h"
#include "sessions/raw_log.h"

namespace segue {

/// [plays] number of the session of each play, from 1 per listener: a silence longer than gap_s opens a new one.
std::vector<int32_t> number_sessions(const RawLog& raw, int64_t gap_s);

/// Fills log, sessions and tracks of `out` from plays with their sessions and parts; who has no play is left out.
/// Completion is unknown and no track is in the catalogue yet. Returns the key of each track.
std::vector<int32_t> lay_out(Prepared& out, const RawLog& raw, const TrackKeys& keys, const std::vector<int32_t>& session,
                             const std::vector<Part>& part);

}  // namespace segue
