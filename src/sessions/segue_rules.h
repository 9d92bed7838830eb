#pragma once

#include "sessions/completion.h"
#include "sessions/prepared.h"
#include "sessions/raw_log.h"

namespace segue {

/// The steps C1-C10 on a log that has been read, then the cases (C1-C3 of the evaluation's rules).
/// since_ms <= time < until_ms counts.
Prepared prepare_segue(RawLog raw, const TrackKeys& keys, const LengthTable& lengths, const Protocol& protocol,
                       int64_t since_ms, int64_t until_ms, nlohmann::ordered_json first_step, bool hashes);

/// Of n candidates number i is a case if n <= most, or if floor(most (i + 1) / n) != floor(most i / n).
inline bool is_case(int64_t i, int64_t n, int64_t most) { return n <= most || most * (i + 1) / n != most * i / n; }

}  // namespace segue
