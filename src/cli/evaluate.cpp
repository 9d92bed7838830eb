#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "cli/hand_over.h"
#include "cli/verbs.h"
#include "core/console.h"
#include "core/error.h"
#include "evaluation/evaluate.h"
#include "evaluation/findings.h"
#include "evaluation/page.h"
#include "evaluation/text.h"
#include "ranking/ranker.h"
#include "sessions/last_plays.h"

namespace segue {
namespace {

struct Arguments {
  Common common;
  std::string data, protocol = "segue", part = "test", ties, among = "catalogue", into;
  std::vector<std::string> rankers, runs;
  ZeroShotRequest zero_shot;
  int64_t cases = 0, sampled = 0, resamples = 1000, last = 0;
  bool shuffled = false;
};

/// The protocols under which a data folder was prepared.
std::vector<std::string> prepared_under(const Path& data) {
  std::vector<std::string> names;
  for (const auto& [name, protocol] : protocols()) {
    if (std::filesystem::exists(data / "protocols" / name / "protocol.json")) names.push_back(name);
  }
  return names;
}

void require_prepared(const Path& data, const std::string& protocol) {
  const auto names = prepared_under(data);
  if (names.empty() || std::find(names.begin(), names.end(), protocol) != names.end()) return;
  throw Error("{}: prepared under {}, not under '{}'; name one with --protocol", data.string(), fmt::join(names, ", "), protocol);
}

/// All tracks as candidates: for one listener the catalogue may leave out most of what he plays.
std::string everything_text(const Evaluation& everything) {
  TextTable table({"<ranker", "recall@10", "ndcg@10", "95 %", "cold"});
  for (const size_t i : best_first(everything)) {
    const auto& ranker = everything.rankers[i];
    const auto& ndcg = ranker.all.metrics.at(headline);
    const auto cold = ranker.slices.find("cold");
    const bool has_cold = cold != ranker.slices.end() && cold->second.cases > 0;
    table.row({ranker.name, fmt::format("{:.4f}", ranker.all.metrics.at("recall@10").mean), fmt::format("{:.4f}", ndcg.mean),
               fmt::format("[{:.4f}, {:.4f}]", ndcg.low, ndcg.high),
               has_cold ? fmt::format("{:.4f}", cold->second.metrics.at(headline).mean) : "–"});
  }
  return fmt::format("The same with {} as candidates: {} cases ranked; cold: ndcg@10 where the track is outside the catalogue\n\n{}",
                     everything.protocol.candidates, grouped(everything.protocol.cases), table.text());
}

/// Of listeners no more is known than their last plays.
void know_last_plays(const Arguments& given, Prepared& prepared, EvaluateOptions& options) {
  // Each history is in the log once more for every question, and would be counted as often.
  const char* const counts_all = "recently-popular";
  if (std::find(given.rankers.begin(), given.rankers.end(), counts_all) != given.rankers.end()) throw Error("--last: {} goes by what everybody plays; leave it out", counts_all);
  std::erase(options.rankers, counts_all);
  KnownByLastPlays known(std::move(prepared), options.part, {given.last, given.shuffled, given.common.seed});
  prepared = std::move(known.prepared);
  options.whole = std::move(known.whole);
  options.known = std::move(known.text);
}

void run(const Arguments& given) {
  require_prepared(given.data, given.protocol);
  Prepared prepared = load_prepared(given.data, given.protocol);
  EvaluateOptions options;
  options.part = given.part == "val" ? Part::val : Part::test;
  options.rankers = given.rankers.empty() ? rankers().names() : given.rankers;
  if (given.last > 0) know_last_plays(given, prepared, options);
  if (helped_first(given.runs, prepared, given.common.device)) return;
  options.trained = trained_rankers(given.runs, prepared, given.common.device, given.common.seed);
  for (auto& one : zero_shot_rankers(given.zero_shot, prepared, given.common.device, given.common.seed)) options.trained.push_back(std::move(one));
  if (!given.ties.empty()) options.ties = ties_rules().at(given.ties);
  options.seed = given.common.seed;
  options.cases = given.cases;
  options.among_unplayed = given.among == "unplayed";
  options.negatives = given.sampled;
  options.resamples = given.resamples;

  const Path folder = given.into.empty() ? Path(given.data) / "evaluations" / given.protocol : Path(given.into);
  Changes changes(folder);
  const auto result = evaluate(prepared, options, changes.folder() / "ranks.parquet");
  const std::string document = evaluation_json(result);
  write_file(changes.folder() / "evaluation.json", document);
  write_file(changes.folder() / "table.md", evaluation_markdown(result.catalogue));
  write_file(changes.folder() / "page.html", evaluation_page(result.catalogue));
  write_file(changes.folder() / "figure.svg", figure_svg(result.catalogue));
  changes.commit();
  if (given.common.json) {
    fmt::print("{}", document);
  } else {
    fmt::print("{}\n", evaluation_text(result.catalogue));
    if (result.everything) fmt::print("{}\n", everything_text(*result.everything));
    for (const auto& [name, finish] : result.finish) fmt::print("{} {}\n\n", name, finish_text(finish));
    fmt::print("page: {}\n", (folder / "page.html").string());
  }
}

}  // namespace

void add_evaluate(CLI::App& app) {
  auto given = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("evaluate", "How well each ranker guesses the next track, with intervals");
  verb->add_option("data", given->data, "A data folder that was prepared")->required();
  verb->add_option("--protocol", given->protocol, "As given to prepare")->capture_default_str();
  verb->add_option("--ranker", given->rankers, "May be repeated (default: all)")->check(CLI::IsMember(rankers().names()));
  if (with_tensors) {
    verb->add_option("--run", given->runs, "A trained model: by itself, and mixed with the counters; may be repeated");
    auto* kinds = verb->add_option("--zero-shot", given->zero_shot.kinds,
                                   "What a language model says that learned nothing from the log: embedding (the whole catalogue), "
                                   "likelihood (candidates of --sampled), untrained (chance); may be repeated");
    kinds->check(CLI::IsMember({"embedding", "likelihood", "untrained"}));
    auto* model = verb->add_option("--model", given->zero_shot.folder, "Its folder, in the layout of Hugging Face")->check(CLI::ExistingDirectory);
    kinds->needs(model);
    verb->add_option("--layers", given->zero_shot.layers, "Its first so many layers; 0: all")->capture_default_str()->check(CLI::NonNegativeNumber);
    verb->add_option("--storage", given->zero_shot.storage, "Of its layers (default: as it was quantised, else f32)")->check(CLI::IsMember({"bf16", "f32", "int8", "nf4"}));
    verb->add_option("--history", given->zero_shot.history, "Last tracks that it is told")->capture_default_str()->check(CLI::PositiveNumber);
  }
  verb->add_option("--part", given->part, "Cases of val or test")->capture_default_str()->check(CLI::IsMember({"val", "test"}));
  verb->add_option("--ties", given->ties, "How equal scores are ranked (default: as the protocol says)")
      ->check(CLI::IsMember(ties_rules().names()));
  verb->add_option("--cases", given->cases, "At most so many, evenly spread (default: all)")->check(CLI::PositiveNumber);
  auto* among = verb->add_option("--among", given->among, "The candidates: the catalogue, or the tracks that nobody plays in train")
                    ->capture_default_str()
                    ->check(CLI::IsMember({"catalogue", "unplayed"}));
  verb->add_option("--sampled", given->sampled, "Rank the target among this many tracks drawn from the catalogue, instead of all")
      ->check(CLI::NonNegativeNumber)
      ->excludes(among);
  auto* last = verb->add_option("--last", given->last, "Rankers know of a listener only so many plays before each question (default: all)")->check(CLI::PositiveNumber);
  verb->add_flag("--shuffled", given->shuffled, "In a random order: what is lost by that is what the order told")->needs(last);
  verb->add_option("--resamples", given->resamples, "Draws of the bootstrap over listeners")
      ->capture_default_str()
      ->check(CLI::Range(100, 1000000));
  verb->add_option("--into", given->into, "Folder for the page, the table and the ranks (default: DATA/evaluations/PROTOCOL)");
  add_weights_budget(*verb);
  add_common(*verb, given->common);
  verb->callback([given] { run(*given); });
}

}  // namespace segue
