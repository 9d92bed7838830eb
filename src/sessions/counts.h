#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sessions/log.h"
#include "sessions/prepared.h"
#include "sessions/quantile.h"
#include "sessions/raw_log.h"

namespace segue {

/// "2009-01-26T20:24:25Z".
std::string iso(int64_t ms);

/// Whole seconds since 1970, rounded down.
inline int64_t floor_seconds(int64_t ms) { return ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000); }

/// {rows, users, tracks, sessions} of a log; sessions where `session` is not empty ([plays], numbered per listener).
nlohmann::ordered_json count_rows(const RawLog& log, const TrackKeys& keys, const std::vector<int32_t>& session);

/// {val, test, val_epoch, test_epoch}.
nlohmann::ordered_json describe(const Cutoffs& cut);

/// The keys that still have a play, in their own order.
std::vector<int32_t> used_keys(const RawLog& log, const TrackKeys& keys);

/// [count] the place of each number in `kept`, -1 where it has none.
std::vector<int32_t> places_in(const std::vector<int32_t>& kept, int32_t count);

/// Fills key, artist, title and data_track of the tracks, which are numbered in the order of `kept`.
void describe_tracks(Prepared& out, const TrackKeys& keys, const std::vector<int32_t>& kept);

/// Makes the last tenth of the train plays in time (each listener's own, or of all) the part `gate`.
void cut_gate(Log& log, bool own);

}  // namespace segue
