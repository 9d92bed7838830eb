#include "training/guard.h"

#include <fmt/format.h>

#include <algorithm>

#include "evaluation/evaluate.h"
#include "ranking/backbone_states.h"
#include "ranking/fused.h"
#include "training/finish_answers.h"

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

/// A model that does not hear some parts, asked when its turn comes.
struct Lessened {
  HeardParts parts;
  std::string name;
  VectorModel model;
};

std::vector<Lessened> lessened(const std::vector<std::string>& signals) {
  std::vector<Lessened> all{{{}, "everything", {}}, {{true, signals}, "id alone", {}}, {{false, {}}, "content alone", {}}};
  if (signals.size() == 1) return all;
  for (const auto& signal : signals) all.push_back({{true, {signal}}, "without " + signal, {}});
  return all;
}

}  // namespace

PartsChoice best_parts(const Prepared& prepared, SequenceModel& model, const PlayTable& table, const Configuration& configuration, uint64_t seed) {
  auto all = lessened(model.items().signals());
  EvaluateOptions options;
  options.part = Part::val;
  options.about = guarding(prepared);
  options.seed = seed;
  options.cases = configuration.training.validation_cases;
  for (auto& one : all) {
    options.trained.push_back({one.name, false, [&model, &table, &configuration, &one](const auto& asked) -> std::unique_ptr<Ranker> {
      model.items().hear(one.parts);
      one.model = vector_model(model, table, {.length = configuration.windows.length});
      return std::make_unique<VectorRanker>(one.model, asked);
    }});
  }
  auto found = evaluate(prepared, options);
  model.items().hear({});
  PartsChoice choice;
  choice.evaluation = found.everything ? std::move(*found.everything) : std::move(found.catalogue);
  const auto best = std::max_element(all.begin() + 1, all.end(), [&](const auto& a, const auto& b) { return mean_of(choice.evaluation, a.name) < mean_of(choice.evaluation, b.name); });
  const auto ahead = difference(choice.evaluation, all.front().name, best->name);
  const auto& chosen = ahead.low > 0 ? all.front() : *best;
  choice.parts = chosen.parts;
  choice.name = chosen.name;
  choice.reason = fmt::format("on {} validation cases of {} listener(s) everything is {:+.4f} [{:+.4f}, {:+.4f}] from {} in {} among all tracks", choice.evaluation.protocol.cases,
                              choice.evaluation.protocol.listeners, ahead.difference, ahead.low, ahead.high, best->name, metric);
  return choice;
}

nlohmann::ordered_json to_json(const HeardParts& parts) { return {{"id", parts.id}, {"without", parts.without}}; }

HeardParts parts_of(const nlohmann::ordered_json& json) { return {json.value("id", true), json.value("without", std::vector<std::string>{})}; }

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

FinishResult guarded_finish(const Prepared& prepared, const Run& run, uint64_t seed) {
  const auto guards = guarding(prepared);
  std::vector<Case> cases;
  std::copy_if(prepared.val.begin(), prepared.val.end(), std::back_inserter(cases), [&](const Case& c) { return !guards || guards(c.listener); });
  return judge_finish(OpenRun(run, prepared.log), {prepared.log, Part::val, seed}, cases);
}

}  // namespace segue
