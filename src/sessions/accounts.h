#pragma once

#include <nlohmann/json.hpp>

#include "listening/import.h"
#include "sessions/raw_log.h"

namespace segue {

/// What an account export says of each listener (rules A1-A6): plays, sessions, lengths, completion. Describes the log
/// as it came: lengths are taken from all plays, which a protocol may not do. Empty where no played time is known.
nlohmann::ordered_json describe_accounts(const RawLog& log, const TrackKeys& keys, const std::vector<SourceReport>& sources, int64_t gap_s);

}  // namespace segue
