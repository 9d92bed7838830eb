#include "sessions/whole_log.h"

#include <algorithm>
#include <numeric>

#include "sessions/completion.h"
#include "sessions/counts.h"

namespace segue {
namespace {

/// [plays] of the log; -1 where it is not known.
using Played = std::vector<int32_t>;

/// [N] in ms; 0 where nobody knows.
std::vector<int64_t> lengths_of(const DataFolder& folder, const Log& log, const Played& played_ms) {
  std::vector<std::vector<int32_t>> times(static_cast<size_t>(log.tracks));
  for (size_t i = 0; i < played_ms.size(); ++i) {
    if (played_ms[i] >= 0) times[static_cast<size_t>(log.track[i])].push_back(played_ms[i]);
  }
  std::vector<int64_t> length;
  for (size_t t = 0; t < times.size(); ++t) {
    const int64_t told = folder.tracks.length_ms[t];
    length.push_back(told > 0 ? told : played_length(times[t]).length_ms);
  }
  return length;
}

void complete(Log& log, const std::vector<int64_t>& length, const Played& played_ms) {
  for (size_t u = 0; u + 1 < log.first.size(); ++u) {
    const auto end = static_cast<size_t>(log.first[u + 1]);
    for (auto i = static_cast<size_t>(log.first[u]); i < end; ++i) {
      const int64_t of_track = length[static_cast<size_t>(log.track[i])];
      if (of_track <= 0) continue;
      if (played_ms[i] >= 0) {
        log.completion[i] = static_cast<float>(static_cast<double>(played_ms[i]) / static_cast<double>(of_track));
        log.completion_kind[i] = CompletionKind::real;
      } else if (i + 1 < end && log.opens[i + 1] == 0) {
        log.completion[i] = static_cast<float>(inferred_ratio((log.start_ms[i + 1] - log.start_ms[i]) / 1000, of_track));
        log.completion_kind[i] = CompletionKind::inferred;
      }
    }
  }
}

}  // namespace

Log whole_log(const DataFolder& folder, int64_t gap_s) {
  std::vector<size_t> order(folder.plays.listeners.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return folder.plays.listeners[a] < folder.plays.listeners[b]; });
  Log log;
  Played played_ms;
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
      played_ms.push_back(row.played_ms);
      log.opens.push_back(first || row.start_ms - before_ms > 1000 * gap_s);
      before_ms = row.moment_ms();
    }
    log.listeners.push_back(folder.plays.listeners[who]);
    log.first.push_back(log.plays());
  }
  log.part.assign(log.track.size(), Part::fit);
  log.completion.assign(log.track.size(), 0);
  log.completion_kind.assign(log.track.size(), CompletionKind::unknown);
  complete(log, lengths_of(folder, log, played_ms), played_ms);
  cut_gate(log, true);
  return log;
}

}  // namespace segue
