#pragma once

#include "sessions/prepared.h"
#include "sessions/raw_log.h"

namespace segue {

/// The session-aware protocol of session-rec (Latifi et al., 2021, arXiv:2011.03424; on LastFM-1K) in six steps:
///
///  W1  All plays of tracks with an id, duplicates too.
///  W2  Sessions: a silence longer than gap_s opens a new one.
///  W3  The window: window_days long, number `window` after skip_days from the first play. Sessions whose last play lies
///      in it, both ends included.
///  W4  Until nothing changes: tracks with min_track plays; sessions of `session` to max_session plays; listeners with
///      min_sessions sessions.
///  W5  Each listener's last session is test, the one before validation, the others train. Test plays of tracks that are
///      only in test go, and test sessions of fewer than `session` plays after that.
///  W6  Every play of a test or validation session after its first is asked. Ranked are all tracks played outside test.
///
/// Where it differs from the publication: Protocol::notes.
/// `first_step`: the counts of reading. Throws Error where the window holds no listener.
Prepared prepare_session_windows(RawLog raw, const TrackKeys& keys, const Protocol& protocol, nlohmann::ordered_json first_step);

}  // namespace segue
