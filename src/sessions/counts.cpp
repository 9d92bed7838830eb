#include "sessions/counts.h"

#include <date/date.h>

#include <algorithm>
#include <chrono>

#include "core/parallel.h"

namespace segue {

std::string iso(int64_t ms) {
  return date::format("%FT%TZ", date::sys_seconds(std::chrono::seconds(floor_seconds(ms))));
}

nlohmann::ordered_json count_rows(const RawLog& log, const TrackKeys& keys, const std::vector<int32_t>& session) {
  struct Share {
    std::vector<uint8_t> seen;
    int64_t users = 0, sessions = 0;
  };
  // A log may be as long as 19 million plays, and is counted after every step: each thread takes a run of listeners.
  std::vector<Share> shares(static_cast<size_t>(threads()));
  const auto n = std::ssize(shares);
  parallel_for(n, [&](int64_t t) {
    Share& share = shares[static_cast<size_t>(t)];
    share.seen.assign(static_cast<size_t>(keys.count()), 0);
    for (size_t u = 0; u < log.listeners.size(); ++u) {
      const auto begin = static_cast<size_t>(log.first[u]), end = static_cast<size_t>(log.first[u + 1]);
      if (begin == end || log.first[u] * n / log.plays() != t) continue;
      ++share.users;
      for (size_t i = begin; i < end; ++i) {
        share.seen[static_cast<size_t>(keys.of(log.spelling[i]))] = 1;
        if (!session.empty()) share.sessions += i == begin || session[i] != session[i - 1];
      }
    }
  });
  int64_t users = 0, tracks = 0, sessions = 0;
  for (const Share& share : shares) users += share.users, sessions += share.sessions;
  for (size_t k = 0; k < static_cast<size_t>(keys.count()); ++k) {
    tracks += std::any_of(shares.begin(), shares.end(), [k](const Share& share) { return share.seen[k] != 0; });
  }
  nlohmann::ordered_json out{{"rows", log.plays()}, {"users", users}, {"tracks", tracks}};
  if (!session.empty()) out["sessions"] = sessions;
  return out;
}

nlohmann::ordered_json describe(const Cutoffs& cut) {
  return {{"val", iso(cut.val)}, {"test", iso(cut.test)}, {"val_epoch", floor_seconds(cut.val)}, {"test_epoch", floor_seconds(cut.test)}};
}

std::vector<int32_t> used_keys(const RawLog& log, const TrackKeys& keys) {
  std::vector<uint8_t> used(static_cast<size_t>(keys.count()));
  for (const int32_t spelling : log.spelling) used[static_cast<size_t>(keys.of(spelling))] = 1;
  std::vector<int32_t> numbers;
  for (size_t k = 0; k < used.size(); ++k) {
    if (used[k]) numbers.push_back(static_cast<int32_t>(k));
  }
  return numbers;
}

std::vector<int32_t> places_in(const std::vector<int32_t>& kept, int32_t count) {
  std::vector<int32_t> place(static_cast<size_t>(count), -1);
  for (size_t i = 0; i < kept.size(); ++i) place[static_cast<size_t>(kept[i])] = static_cast<int32_t>(i);
  return place;
}

void describe_tracks(Prepared& out, const TrackKeys& keys, const std::vector<int32_t>& kept) {
  for (const int32_t key : kept) {
    out.key.push_back(keys.text(key));
    out.artist.push_back(keys.artist(key));
    out.title.push_back(keys.title(key));
    out.data_track.push_back(keys.track(key));
  }
}

void cut_gate(Log& log, bool own) {
  const auto cut = [&](size_t from, size_t to) {
    std::vector<int64_t> times;
    for (size_t i = from; i < to; ++i) {
      if (log.part[i] < Part::val) times.push_back(log.moment_ms[i]);
    }
    if (times.empty()) return;
    const int64_t last_fit = nearest_quantile(std::move(times), 9, 10);
    for (size_t i = from; i < to; ++i) {
      if (log.part[i] < Part::val) log.part[i] = log.moment_ms[i] > last_fit ? Part::gate : Part::fit;
    }
  };
  if (!own) return cut(0, log.part.size());
  for (size_t u = 0; u < log.listeners.size(); ++u) cut(static_cast<size_t>(log.first[u]), static_cast<size_t>(log.first[u + 1]));
}

}  // namespace segue
