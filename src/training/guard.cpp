#include "training/guard.h"

#include <fmt/format.h>

#include <algorithm>

#include "evaluation/evaluate.h"
#include "ranking/fused.h"

namespace segue {
namespace {

constexpr const char* metric = "ndcg@10";

double mean_of(const Evaluation& evaluation, const std::string& name) {
  const auto& all = evaluation.rankers;
  return std::find_if(all.begin(), all.end(), [&](const auto& ranker) { return ranker.name == name; })->all.metrics.at(metric).mean;
}

/// a - b.
PairResult difference(const Evaluation& evaluation, const std::string& a, const std::string& b) {
  for (PairResult pair : evaluation.pairs) {
    if (pair.metric != metric) continue;
    if (pair.a == a && pair.b == b) return pair;
    if (pair.a == b && pair.b == a) return {a, b, metric, -pair.difference, -pair.high, -pair.low, pair.p, pair.p_holm};
  }
  throw std::logic_error("guard: no such pair");
}

/// The listeners that guard; all where one half of them has no case.
std::function<bool(int32_t)> guarding(const Prepared& prepared) {
  const auto guards = [&log = prepared.log](int32_t u) { return !stops_early(log.listeners[static_cast<size_t>(u)]); };
  const bool any = std::any_of(prepared.val.begin(), prepared.val.end(), [&](const Case& c) { return guards(c.listener); });
  return any ? std::function<bool(int32_t)>(guards) : nullptr;
}

}  // namespace

Shipped guard(const Prepared& prepared, const Run& run, uint64_t seed) {
  if (!run.mix) return {"model", "it learned from all of train, so nothing was left to learn a mix from", {}};
  const OpenRun open(run, prepared.log);
  EvaluateOptions options;
  options.part = Part::val;
  options.about = guarding(prepared);
  options.seed = seed;
  options.rankers = {"counters"};
  options.trained = {{"model", false, [&](const auto& asked) { return open.by_itself(asked); }},
                     {"mix", true, [&](const auto& asked) { return open.mixed({prepared.log, Part::val, seed}, asked); }}};
  Shipped shipped;
  shipped.evaluation = evaluate(prepared, options).catalogue;
  const std::string part = mean_of(shipped.evaluation, "model") > mean_of(shipped.evaluation, "counters") ? "model" : "counters";
  const auto ahead = difference(shipped.evaluation, "mix", part);
  shipped.what = ahead.low > 0 ? "mix" : part;
  shipped.reason = fmt::format("on {} validation cases of {} listener(s) the mix is {:+.4f} [{:+.4f}, {:+.4f}] from the {} in {}", shipped.evaluation.protocol.cases,
                               shipped.evaluation.protocol.listeners, ahead.difference, ahead.low, ahead.high, part, metric);
  return shipped;
}

}  // namespace segue
