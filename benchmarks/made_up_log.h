#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "core/random.h"
#include "sessions/log.h"

namespace segue {

/// Listeners with so many plays each, all of the part `fit`, a session every twelve; four plays in five are of one of the
/// listener's last 200, the others of some track, the first ones more often.
inline Log made_up_log(int64_t listeners, int64_t plays_each, int64_t tracks) {
  Log log;
  log.tracks = tracks;
  log.first = {0};
  Random random(1);
  for (int64_t u = 0; u < listeners; ++u) {
    log.listeners.push_back("listener " + std::to_string(u));
    for (int64_t i = 0; i < plays_each; ++i) {
      const bool again = i > 0 && random.uniform() < 0.8;
      const auto last = static_cast<size_t>(log.plays() - 1 - static_cast<int64_t>(random.below(static_cast<uint64_t>(std::min<int64_t>(std::max<int64_t>(i, 1), 200)))));
      log.track.push_back(again ? log.track[last] : static_cast<int32_t>(tracks * std::pow(random.uniform(), 3)));
      log.start_ms.push_back(200'000 * (i + 1));
      log.moment_ms.push_back(200'000 * (i + 1) + 180'000);
      log.opens.push_back(i % 12 == 0);
      log.part.push_back(Part::fit);
      log.completion.push_back(0.9F);
      log.completion_kind.push_back(CompletionKind::real);
    }
    log.first.push_back(log.plays());
  }
  log.in_catalogue.assign(static_cast<size_t>(tracks), 1);
  return log;
}

}  // namespace segue
