#pragma once

#include "sessions/completion.h"
#include "sessions/prepared.h"
#include "sessions/raw_log.h"

namespace segue {

/// The steps P1-P14 on a log that has been read: fills log, sessions, tracks, cases, candidates and steps.
/// `first_step`: the counts of reading (lines, malformed, unparsed).
Prepared prepare_paper(RawLog raw, const TrackKeys& keys, const LengthTable& lengths, const Protocol& protocol,
                       const nlohmann::ordered_json& first_step, bool hashes);

}  // namespace segue
