#include "sessions/lay_out.h"

#include "core/error.h"
#include "sessions/counts.h"

namespace segue {

void keep_tracks_with_id(RawLog& raw, const TrackKeys& keys, const Protocol& protocol) {
  const Texts& id = keys.spellings().track_id;
  raw.filter([&](size_t, size_t i) { return !id[static_cast<size_t>(raw.spelling[i])].empty(); });
  if (raw.plays() > 0) return;
  throw Error("protocol '{}' looks only at tracks with an id, and this log has none; use --protocol segue or segue-own", protocol.name);
}

std::vector<int32_t> number_sessions(const RawLog& raw, int64_t gap_s) {
  std::vector<int32_t> session(raw.time_ms.size());
  for (size_t u = 0; u < raw.listeners.size(); ++u) {
    const auto begin = static_cast<size_t>(raw.first[u]), end = static_cast<size_t>(raw.first[u + 1]);
    int32_t number = 0;
    for (size_t i = begin; i < end; ++i) {
      number += i == begin || raw.start_ms(i) - raw.time_ms[i - 1] > 1000 * gap_s;
      session[i] = number;
    }
  }
  return session;
}

std::vector<int32_t> lay_out(Prepared& out, const RawLog& raw, const TrackKeys& keys, const std::vector<int32_t>& session,
                             const std::vector<Part>& part) {
  const auto kept = keys.in_catalogue_order(used_keys(raw, keys));
  const auto number = places_in(kept, keys.count());
  describe_tracks(out, keys, kept);

  Log& log = out.log;
  log.tracks = static_cast<int64_t>(kept.size());
  log.in_catalogue.assign(kept.size(), 0);
  log.first = {0};
  for (size_t u = 0; u < raw.listeners.size(); ++u) {
    const auto begin = static_cast<size_t>(raw.first[u]), end = static_cast<size_t>(raw.first[u + 1]);
    if (begin == end) continue;
    log.listeners.push_back(raw.listeners[u]);
    for (size_t i = begin; i < end; ++i) {
      log.track.push_back(number[static_cast<size_t>(keys.of(raw.spelling[i]))]);
      log.start_ms.push_back(raw.start_ms(i));
      log.moment_ms.push_back(raw.time_ms[i]);
      log.opens.push_back(i == begin || session[i] != session[i - 1]);
    }
    log.first.push_back(log.plays());
  }
  log.part = part;
  log.completion.assign(part.size(), 0);
  log.completion_kind.assign(part.size(), CompletionKind::unknown);
  out.session = session;
  return kept;
}

}  // namespace segue
