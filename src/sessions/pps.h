#pragma once

#include "sessions/prepared.h"
#include "sessions/raw_log.h"

namespace segue {

/// The protocol of personalized popularity (Abbattista et al., RecSys 2024, arXiv:2409.04329; on LastFM-1K) in six steps:
///
///  D1  All plays of tracks with an id, duplicates too.
///  D2  `tracks` tracks are drawn without replacement, a track with a chance in proportion to its plays; others go.
///  D3  Test begins at the time of play number floor(n test_at) in the order of time; validation at that of play number
///      floor(m val_at), m the plays before test.
///  D4  Listeners with min_user plays before validation and one in test stay.
///  D5  Ranked are the tracks with a play before test.
///  D6  One case a listener and part: after all that precedes the part, every track he plays in it is right.
///
/// Where it differs from the publication: Protocol::notes.
/// `first_step`: the counts of reading. Throws Error where there are too few tracks to draw from, or nobody stays.
Prepared prepare_pps(RawLog raw, const TrackKeys& keys, const Protocol& protocol, nlohmann::ordered_json first_step);

}  // namespace segue
