#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "evaluation/results.h"
#include "ranking/ranker.h"

namespace segue {

/// How well it is told beforehand whether a play will be finished, beside what two counters tell.
struct FinishResult {
  double share = 0.9;            // a play is finished from this completion on
  int64_t cases = 0, listeners = 0;
  double finished = 0;           // the share of the cases that were
  std::optional<Estimate> model = {}, by_track = {}, by_listener = {};  // areas under the ROC curve; nothing where all or none were finished
};

/// The share of train plays that were finished, of a track or of a listener: smoothed by five plays of the mean, so that one
/// play says little. Plays of which nothing is known don't count.
class FinishCounters {
 public:
  FinishCounters(const Lesson& lesson, double share);
  double of_track(int32_t track) const { return share_of(track_, track); }
  double of_listener(int32_t listener) const { return share_of(listener_, listener); }

 private:
  struct Count {
    int64_t plays = 0, finished = 0;
  };
  double share_of(const std::vector<Count>& counts, int32_t of) const;
  std::vector<Count> track_, listener_;
  double mean_ = 0.5;
};

/// The cases of whose targets it is known how far they were heard.
std::vector<Case> with_known_completion(const Log& log, std::span<const Case> cases);

/// cases: with_known_completion. said: of each, larger where finishing is likelier. The counters learn from the lesson.
FinishResult judge_finish(const Lesson& lesson, std::span<const Case> cases, std::span<const double> said, double share);

/// {share, cases, listeners, finished, auc: {mean, low, high}, auc_by_track, auc_by_listener}; null where there is no area.
nlohmann::ordered_json to_json(const FinishResult& result);
/// In one line.
std::string finish_text(const FinishResult& result);

}  // namespace segue
