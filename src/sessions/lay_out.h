#pragma once

#include <cstdint>
#include <vector>

#include "sessions/prepared.h"
#include "sessions/raw_log.h"

namespace segue {

/// Leaves the plays whose track the log gives an id, MusicBrainz's or a service's. Throws Error if there are none.
void keep_tracks_with_id(RawLog& raw, const TrackKeys& keys, const Protocol& protocol);

/// Filters plays and their sessions: keep(listener, play).
template <class Keep>
void filter(RawLog& raw, std::vector<int32_t>& session, const Keep& keep) {
  size_t to = 0;
  raw.filter([&](size_t u, size_t i) {
    const bool stays = keep(u, i);
    if (stays) session[to++] = session[i];
    return stays;
  });
  session.resize(to);
}

/// [plays] number of the session of each play, from 1 per listener: a silence longer than gap_s opens a new one.
std::vector<int32_t> number_sessions(const RawLog& raw, int64_t gap_s);

/// Fills log, sessions and tracks of `out` from plays with their sessions and parts; who has no play is left out.
/// Completion is unknown and no track is in the catalogue yet. Returns the key of each track.
std::vector<int32_t> lay_out(Prepared& out, const RawLog& raw, const TrackKeys& keys, const std::vector<int32_t>& session,
                             const std::vector<Part>& part);

}  // namespace segue
