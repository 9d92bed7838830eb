#include "sessions/core_set.h"

#include <algorithm>

namespace segue {

CoreSet core_set(const std::vector<int64_t>& first, const std::vector<int32_t>& track, const std::vector<int32_t>& session,
                 const std::vector<Part>& part, int32_t tracks, const Protocol::Sessions& rules) {
  const size_t users = first.size() - 1;
  CoreSet set{std::vector<uint8_t>(users, 1), std::vector<uint8_t>(static_cast<size_t>(tracks), 1)};
  const auto inside = [&](size_t u, size_t i) { return part[i] < Part::val && set.user[u] && set.track[static_cast<size_t>(track[i])]; };
  for (bool changed = true; changed;) {
    changed = false;
    std::vector<int64_t> plays(set.track.size());
    for (size_t u = 0; u < users; ++u) {
      for (auto i = static_cast<size_t>(first[u]); i < static_cast<size_t>(first[u + 1]); ++i) {
        plays[static_cast<size_t>(track[i])] += inside(u, i);
      }
    }
    for (size_t t = 0; t < plays.size(); ++t) {
      if (set.track[t] && plays[t] < std::max<int64_t>(1, rules.min_track)) set.track[t] = 0, changed = true;
    }
    set.rows = set.users = 0;
    for (size_t u = 0; u < users; ++u) {
      int64_t rows = 0, in_session = 0, long_sessions = 0;
      int32_t last = 0;
      for (auto i = static_cast<size_t>(first[u]); i < static_cast<size_t>(first[u + 1]); ++i) {
        if (!inside(u, i)) continue;
        in_session = session[i] == last ? in_session + 1 : 1;
        last = session[i];
        long_sessions += in_session == rules.session;
        ++rows;
      }
      const bool stays = rows >= rules.min_user && long_sessions >= rules.min_sessions;
      if (set.user[u] && !stays) set.user[u] = 0, changed = true;
      if (stays) set.rows += rows, set.users += rows > 0;
    }
  }
  set.tracks = std::count(set.track.begin(), set.track.end(), 1);
  return set;
}

}  // namespace segue
