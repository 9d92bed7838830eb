#pragma once

#include "sessions/prepared.h"
#include "sessions/raw_log.h"

namespace segue {

/// MeloChron's protocol (github.com/georgu28/MeloChron, on LastFM-1K) in seven steps:
///
///  M1  All plays that were read, duplicates too.
///  M2  A play whose played time is known counts from min_played_s on.
///  M3  Test begins at the test_at quantile of time. Of the listeners a share `cold_listeners` is drawn by the seed and
///      kept out of train; validation begins at the val_at quantile of the others' plays before test.
///  M4  The catalogue: tracks with min_track plays over the whole time. Choosing it from train would leave no cold track.
///  M5  Listeners with min_user plays stay.
///  M6  Sessions; they bound nothing here but tell rankers where one ends.
///  M7  Of each listener's plays in a part, his first play aside, at most `cases` are drawn by the seed; the last
///      `history` plays before each are known. Cold listeners are asked in test only.
///
/// Where it differs from the publication: Protocol::notes.
/// `first_step`: the counts of reading. Throws Error where a part comes out empty.
Prepared prepare_melochron(RawLog raw, const TrackKeys& keys, const Protocol& protocol, nlohmann::ordered_json first_step);

}  // namespace segue
