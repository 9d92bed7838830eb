#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sessions/core_set.h"
#include "sessions/counts.h"
#include "sessions/digest.h"
#include "sessions/quantile.h"
#include "sessions/raw_log.h"

namespace segue {

/// What the rules C3-C7 say of the plays of a log: one entry per play, unless said otherwise.
struct MarkedPlays {
  std::vector<int32_t> track, session;
  std::vector<int32_t> place;   // in its session, from 1
  std::vector<uint8_t> repeat;  // 1 if its listener played the track before
  std::vector<Part> part;
  std::vector<Cutoffs> cut;        // [U]
  CoreSet core;
  std::vector<int32_t> key_place;  // [N] of the track's key among `keys`; empty where no hashes are wanted
  std::vector<std::string> keys;   // sorted by bytes

  bool hashes() const { return !key_place.empty(); }
};

/// SHA-256 (rule R8) of the plays with use(listener, play).
template <class Use>
std::string hash_plays(const RawLog& raw, const MarkedPlays& plays, const Use& use) {
  std::vector<DigestRow> rows;
  for (size_t u = 0; u < raw.listeners.size(); ++u) {
    for (auto i = static_cast<size_t>(raw.first[u]); i < static_cast<size_t>(raw.first[u + 1]); ++i) {
      if (!use(u, i)) continue;
      const int32_t key = plays.key_place[static_cast<size_t>(plays.track[i])];
      rows.push_back({static_cast<int32_t>(u), floor_seconds(raw.time_ms[i]), plays.session[i], key});
    }
  }
  return digest(std::move(rows), raw.listeners, plays.keys);
}

/// Counts and hashes of what is kept and of its parts: C8_kept and C9_split of `steps`. cap: places in a session that
/// are targets.
void describe_split(const RawLog& raw, const MarkedPlays& plays, int64_t cap, nlohmann::ordered_json& steps);

}  // namespace segue
