#include "evaluation/evaluate.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/console.h"
#include "core/error.h"
#include "core/progress.h"
#include "evaluation/chance.h"
#include "evaluation/json.h"
#include "evaluation/rank_file.h"

namespace segue {
namespace {

std::string candidates_text(const Questions& q, const EvaluateOptions& options) {
  if (q.candidates.empty()) return fmt::format("{} ({} tracks)", options.among_unplayed ? "unplayed" : "catalogue", q.catalogue.size());
  const auto shortest = std::min_element(q.candidates.begin(), q.candidates.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
  return fmt::format("1 + {} uniform{}", shortest->size() - 1, options.negatives > 0 ? " of the catalogue" : ", never played by the listener");
}

int64_t chance_size(const Questions& q) {
  return q.candidates.empty() ? q.catalogue.size() : std::ssize(q.candidates.front());
}

/// Rankers that are chance by what they are have one random order for everyone, whose interval is wider than that of a new
/// one for each case.
void tell_chance(Evaluation& evaluation, const std::vector<TrainedRanker>& trained, const Questions& q, const Catalogue& ranked) {
  std::optional<Metrics> level;
  for (const auto& one : trained) {
    if (!one.is_chance || !q.relevant.empty()) continue;
    if (!level) {
      std::vector<int32_t> targets, members;
      for (const Case& c : q.cases) {
        const int32_t track = q.log.track[static_cast<size_t>(c.target)];
        if (!q.candidates.empty() || ranked.has(track)) targets.push_back(track);
      }
      for (int32_t t = 0; t < q.log.tracks; ++t) {
        if (!q.candidates.empty() || ranked.has(t)) members.push_back(t);
      }
      level = chance_level_of_one_order(targets, q.candidates, members, evaluation.protocol.seed);
    }
    const auto found = std::find_if(evaluation.rankers.begin(), evaluation.rankers.end(), [&](const auto& ranker) { return ranker.name == one.name; });
    const auto& ndcg = level->at("ndcg@10");
    found->inside_chance = inside_chance(found->all.metrics, *level);
    const bool inside = std::find(found->inside_chance.begin(), found->inside_chance.end(), "ndcg@10") != found->inside_chance.end();
    found->note = fmt::format("chance: learned nothing, and one random order for everyone has ndcg@10 {:.4f} [{:.4f}, {:.4f}], which this lies {}",
                              ndcg.mean, ndcg.low, ndcg.high, inside ? "in" : "outside of");
  }
}

}  // namespace

EvaluateResult evaluate(const Prepared& prepared, const EvaluateOptions& options, const Path& ranks) {
  const Questions questions(prepared, options.part, options.negatives, options.seed, options.about, options.cases, options.among_unplayed, options.whole);
  if (questions.cases.empty()) throw Error("protocol '{}' has no case in this part; prepare with a log that has plays after the cut", prepared.protocol.name);
  if (options.among_unplayed && !questions.candidates.empty()) throw Error("protocol '{}' ranks candidates of its own: there is no table among unplayed tracks", prepared.protocol.name);
  std::optional<RankFile> file;
  if (!ranks.empty()) file.emplace(ranks);
  std::vector<RankerPlaces> catalogue, everything;
  Progress progress("evaluating", std::ssize(options.rankers) + std::ssize(options.trained), "rankers");
  const auto judge = [&](const std::string& name, const std::unique_ptr<Ranker>& ranker, bool mixed) {
    Answers answers = ask(*ranker, questions);
    if (file) file->add(name, questions, answers);
    everything.push_back({name, std::move(answers.everything), {}, "", answers.seconds, mixed});
    catalogue.push_back({name, std::move(answers.catalogue), std::move(answers.lists), ranker->note(), answers.seconds, mixed, std::move(answers.values)});
    progress.advance(1);
  };
  for (const auto& name : options.rankers) judge(name, rankers().at(name)({prepared.log, Part::val, options.seed}), name == "counters");
  for (const auto& one : options.trained) {
    if (one.make_among && questions.candidates.empty()) throw Error("'{}' scores candidates only: --sampled 99 would rank each target among 99 others", one.name);
    judge(one.name, one.make_among ? one.make_among(questions.asked(), questions.candidates) : one.make(questions.asked()), one.mixed);
  }
  if (file) file->close();

  ProtocolInfo protocol;
  protocol.name = prepared.protocol.name;
  protocol.data_hash = prepared.data_hash;
  protocol.split = prepared.split_text() + options.known;
  protocol.candidates = candidates_text(questions, options);
  protocol.repeats = questions.candidates.empty() || options.negatives > 0 ? "allowed" : "only as the target";
  protocol.part = options.part == Part::val ? "val" : "test";
  SummaryOptions how{.ties = options.ties.value_or(ties_rules().at(prepared.protocol.split.ties)), .seed = options.seed,
                     .resamples = options.resamples, .candidates = chance_size(questions)};
  for (const auto& tracks : questions.relevant) {
    how.right.push_back({std::ssize(tracks), std::count_if(tracks.begin(), tracks.end(), [&](int32_t t) { return questions.catalogue.has(t); })});
  }
  EvaluateResult result;
  for (const auto& one : options.trained) {
    if (one.finish) result.finish.emplace_back(one.name, one.finish(questions.cases));
  }
  result.catalogue = summarise(protocol, questions.info, catalogue, how);
  tell_chance(result.catalogue, options.trained, questions, questions.catalogue);
  if (questions.candidates.empty() && questions.relevant.empty()) {
    protocol.candidates = fmt::format("everything ({} tracks)", questions.everything.size());
    how.candidates = questions.everything.size();
    result.everything = summarise(protocol, questions.info, everything, how);
    tell_chance(*result.everything, options.trained, questions, questions.everything);
  }
  return result;
}

std::string evaluation_json(const EvaluateResult& result) {
  auto document = evaluation_json(result.catalogue);
  if (result.everything) document["everything"] = evaluation_json(*result.everything);
  for (const auto& [name, finish] : result.finish) document["finish"][valid_utf8(name)] = to_json(finish);
  return document.dump(1) + "\n";
}

}  // namespace segue
