#include <nlohmann/json.hpp>

#include "core/console.h"
#include "evaluation/findings.h"
#include "evaluation/json.h"
#include "experiments/audit_text.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

const char* word_of(Verdict verdict) { return verdict == Verdict::below ? "below" : verdict == Verdict::above ? "above" : "inside"; }

Json figure_json(const FigureAudit& figure) {
  Json out{{"value", figure.value}, {"expected", figure.expected}, {"standard_error", figure.error}, {"low", figure.low}, {"high", figure.high},
           {"p", figure.p}, {"verdict", word_of(figure.verdict)}};
  if (figure.metric != "recall") return out;
  out["p_holm"] = figure.p_holm;
  out["hits"] = figure.hit;
  if (figure.hits) out["hits_range"] = {figure.hits->low, figure.hits->high};
  else out["hits_range"] = nullptr;
  out["region"] = {figure.region.low, figure.region.high};
  return out;
}

Json run_json(const RunAudit& run) {
  Json out{{"name", valid_utf8(run.run.name)}, {"cases", run.cases}, {"candidates", run.candidates}, {"figures", Json::object()}};
  for (const auto& figure : run.figures) out["figures"][figure.name] = figure_json(figure);
  if (run.first_ranks) out["first_ranks"] = *run.first_ranks;
  else out["first_ranks"] = nullptr;
  out["findings"] = Json::array();
  for (const auto& finding : run.findings) out["findings"].push_back({{"kind", finding.kind}, {"text", finding.text}});
  out["notes"] = Json::array();
  for (const auto& note : run.run.notes) out["notes"].push_back(valid_utf8(note));
  return out;
}

Json split_json(const Split& split) {
  const auto& c = split.checks;
  Json out{{"folder", valid_utf8(split.folder)}, {"part", split.part}, {"cases", split.cases}, {"candidates", split.candidates},
           {"chance", to_json(split.chance)}};
  out["checks"] = {{"target_twice", c.twice}, {"other_duplicates", c.duplicates}, {"other_sizes", c.other_sizes},
                   {"target_is_not_first_play", c.not_first}, {"negatives", c.negatives},
                   {"negatives_heard", c.heard}, {"targets_in_train", c.trained_targets}, {"negatives_in_train", c.trained_negatives},
                   {"targets_labels", c.label_targets},
                   {"negatives_labels", c.label_negatives}, {"targets_in_own_train", c.own_targets}, {"plays_of_target", c.plays_of_target},
                   {"plays_of_negative", c.plays_of_negative},
                   {"target_more_popular", c.more_popular}};
  if (c.unmapped >= 0) out["checks"]["unmapped"] = c.unmapped;
  out["rankers"] = Json::array();
  for (const auto& ranker : split.rankers) out["rankers"].push_back({{"name", ranker.name}, {"about", ranker.about},
                                                                     {"metrics", to_json(ranker.metrics)}});
  return out;
}

}  // namespace

nlohmann::ordered_json audit_json(const Audit& audit, const std::optional<Split>& split) {
  Json out{{"summary", {{"runs", audit.runs.size()}, {"recalls", audit.tests}, {"runs_with_p_below_05", audit.surprising},
                        {"smallest_p", audit.smallest_p}, {"smallest_run", valid_utf8(audit.smallest_run)},
                        {"smallest_figure", audit.smallest_figure}, {"runs_left_by_holm", audit.left_by_holm}, {"bonferroni_level", audit.level},
                        {"runs_left_by_bonferroni", audit.left_by_runs}}}};
  out["statement"] = Json::array();
  for (const auto& line : audit_statement(audit)) out["statement"].push_back(valid_utf8(line));
  out["runs"] = Json::array();
  for (const auto& run : audit.runs) out["runs"].push_back(run_json(run));
  out["pooled"] = Json::array();
  for (const auto& pool : audit.pooled) {
    out["pooled"].push_back({{"metric", FigureName{"recall", pool.k}.key()}, {"runs", pool.runs}, {"cases", pool.cases}, {"hits", pool.hits},
                             {"expected", pool.expected}, {"z", pool.z}, {"p", pool.p},
                             {"spread", pool.spread}, {"best", valid_utf8(pool.best)}, {"best_hits", pool.best_hits}, {"best_p", pool.best_p}});
  }
  out["baseline"] = valid_utf8(audit.baseline);
  out["gains"] = Json::array();
  for (const auto& gain : audit.gains) {
    Json one{{"run", valid_utf8(gain.run)}, {"metric", gain.metric}, {"from", gain.from}, {"to", gain.to}};
    if (gain.error > 0) one["standard_error"] = gain.error;
    if (gain.from > 0) one["relative"] = gain.to / gain.from - 1;
    if (gain.metric.starts_with("recall@")) one.update({{"from_hits", gain.from_hits}, {"to_hits", gain.to_hits}, {"p", gain.p}, {"p_holm", gain.p_holm}});
    out["gains"].push_back(one);
  }
  if (!split) return out;
  out["split"] = split_json(*split);
  out["beside_counters"] = Json::array();
  for (const auto& line : beside_counters(audit, *split)) out["beside_counters"].push_back(valid_utf8(line));
  return out;
}

}  // namespace segue
