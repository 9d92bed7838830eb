#include "sessions/whole_log.h"

#include <algorithm>
#include <numeric>

#include "sessions/counts.h"

namespace segue {

Log whole_log(const DataFolder& folder, int64_t gap_s) {
  std::vector<size_t> order(folder.plays.listeners.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return folder.plays.listeners[a] < folder.plays.listeners[b]; });
  Log log;
  log.first = {0};
  log.tracks = folder.tracks.size();
  log.in_catalogue.assign(static_cast<size_t>(log.tracks), 1);
  for (const size_t who : order) {
    int64_t before_ms = 0;
    for (const auto& row : folder.plays.rows[who]) {
      if (row.duplicate) continue;
      const bool first = log.plays() == log.first.back();
      log.track.push_back(folder.spellings.track[static_cast<size_t>(row.spelling)]);
      log.start_ms.push_back(row.start_ms);
      log.moment_ms.push_back(row.moment_ms());
      log.opens.push_back(first || row.start_ms - before_ms > 1000 * gap_s);
      before_ms = row.moment_ms();
    }
    log.listeners.push_back(folder.plays.listeners[who]);
    log.first.push_back(log.plays());
  }
  log.part.assign(log.track.size(), Part::fit);
  log.completion.assign(log.track.size(), 0);
  log.completion_kind.assign(log.track.size(), CompletionKind::unknown);
  cut_gate(log, true);
  return log;
}

}  // namespace segue
