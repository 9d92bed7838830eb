#include "evaluation/finish.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "evaluation/auc.h"

namespace segue {
namespace {

constexpr int64_t draws = 1000;

/// Completions are kept as floats, so .9 of the log is the float next to .9.
bool is_finished(const Log& log, int64_t play, double share) { return log.completion[static_cast<size_t>(play)] >= static_cast<float>(share); }

bool is_known(const Log& log, int64_t play) { return log.completion_kind[static_cast<size_t>(play)] != CompletionKind::unknown; }

nlohmann::ordered_json area_json(const std::optional<Estimate>& area) {
  if (!area) return nullptr;
  return {{"mean", area->mean}, {"low", area->low}, {"high", area->high}};
}

std::string area_text(const std::optional<Estimate>& area) { return area ? fmt::format("{:.3f} [{:.3f}, {:.3f}]", area->mean, area->low, area->high) : "–"; }

}  // namespace

FinishCounters::FinishCounters(const Lesson& lesson, double share) : track_(static_cast<size_t>(lesson.log.tracks)), listener_(lesson.log.listeners.size()) {
  const Log& log = lesson.log;
  Count all;
  for (size_t u = 0; u + 1 < log.first.size(); ++u) {
    for (int64_t play = log.first[u]; play < log.first[u + 1]; ++play) {
      if (!lesson.learns_from(play) || !is_known(log, play)) continue;
      for (Count* one : {&all, &listener_[u], &track_[static_cast<size_t>(log.track[static_cast<size_t>(play)])]}) {
        ++one->plays;
        one->finished += is_finished(log, play, share) ? 1 : 0;
      }
    }
  }
  if (all.plays > 0) mean_ = static_cast<double>(all.finished) / static_cast<double>(all.plays);
}

double FinishCounters::share_of(const std::vector<Count>& counts, int32_t of) const {
  constexpr double smoothing = 5;  // plays
  const Count& count = counts[static_cast<size_t>(of)];
  return (static_cast<double>(count.finished) + smoothing * mean_) / (static_cast<double>(count.plays) + smoothing);
}

std::vector<Case> with_known_completion(const Log& log, std::span<const Case> cases) {
  std::vector<Case> known;
  for (const Case& c : cases) {
    if (is_known(log, c.target)) known.push_back(c);
  }
  return known;
}

FinishResult judge_finish(const Lesson& lesson, std::span<const Case> cases, std::span<const double> said, double share) {
  if (said.size() != cases.size()) throw std::invalid_argument("judge_finish: a number for each case is wanted");
  const Log& log = lesson.log;
  const FinishCounters counters(lesson, share);
  std::vector<double> by_track, by_listener;
  std::vector<uint8_t> finished;
  std::vector<int32_t> listener;
  for (const Case& c : cases) {
    by_track.push_back(counters.of_track(log.track[static_cast<size_t>(c.target)]));
    by_listener.push_back(counters.of_listener(c.listener));
    finished.push_back(is_finished(log, c.target, share) ? 1 : 0);
    listener.push_back(c.listener);
  }
  FinishResult result{.share = share, .cases = std::ssize(cases), .listeners = std::ssize(std::set(listener.begin(), listener.end()))};
  for (const uint8_t one : finished) result.finished += one / static_cast<double>(cases.size());
  const auto area = [&](std::span<const double> numbers) { return auc({numbers, finished, listener}, draws, lesson.seed); };
  result.model = area(said);
  result.by_track = area(by_track);
  result.by_listener = area(by_listener);
  return result;
}

nlohmann::ordered_json to_json(const FinishResult& result) {
  return {{"share", result.share},
          {"cases", result.cases},
          {"listeners", result.listeners},
          {"finished", result.finished},
          {"auc", area_json(result.model)},
          {"auc_by_track", area_json(result.by_track)},
          {"auc_by_listener", area_json(result.by_listener)}};
}

std::string finish_text(const FinishResult& result) {
  return fmt::format("tells which plays are finished: auc {} over {} cases, of which {:.0f} % were; the track's own share {}, the listener's {}",
                     area_text(result.model), result.cases, 100 * result.finished, area_text(result.by_track), area_text(result.by_listener));
}

}  // namespace segue
