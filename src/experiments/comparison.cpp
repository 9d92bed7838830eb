#include "experiments/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/error.h"
#include "evaluation/chance.h"
#include "evaluation/findings.h"
#include "evaluation/json.h"
#include "evaluation/rank_file.h"
#include "experiments/families.h"

namespace segue {
namespace {

/// One stored result with its document, and which of the seeds it is of.
struct Opened {
  const StoredResult* stored;
  Evaluation told;
  size_t seed = 0;
};

Evaluation told_in(const Path& file, bool everything) {
  const std::string text = read_file(file);
  if (!everything) return evaluation_from_json(text, file.string());
  const auto document = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains("everything")) throw Error("{}: no table with everything as candidates", file.string());
  return evaluation_from_json(document["everything"].dump(), file.string());
}

std::vector<Opened> opened(const std::vector<StoredResult>& results, const std::vector<uint64_t>& seeds, bool everything) {
  if (results.empty()) throw Error("nothing to compare: no run and no ranker has a result");
  std::vector<Opened> all;
  for (const auto& stored : results) {
    const auto at = std::find(seeds.begin(), seeds.end(), stored.seed);
    if (at == seeds.end()) throw std::invalid_argument("compare_results: a result of another seed");
    all.push_back({&stored, told_in(stored.folder / "evaluation.json", everything), static_cast<size_t>(at - seeds.begin())});
    auto& protocol = all.back().told.protocol;
    if (protocol.seed != stored.seed) throw Error("{}: asked with seed {}, not {}; remove the folder to have it done again", stored.folder.string(), protocol.seed, stored.seed);
    protocol.seed = seeds.front();  // the only thing in which the results of one table may differ
    require_same(all.front().told.protocol, protocol);
  }
  return all;
}

/// Names of all rankers, in the order of the results.
std::vector<std::string> names_in(const std::vector<Opened>& all) {
  std::vector<std::string> names;
  for (const auto& one : all) {
    for (const auto& ranker : one.told.rankers) {
      if (std::find(names.begin(), names.end(), ranker.name) == names.end()) names.push_back(ranker.name);
    }
  }
  return names;
}

std::vector<size_t> ranked_in(const std::vector<Place>& places) {
  std::vector<size_t> ranked;
  for (size_t c = 0; c < places.size(); ++c) {
    if (places[c].above >= 0) ranked.push_back(c);
  }
  return ranked;
}

SeededSums summed(const std::vector<Opened>& all, size_t seeds, const Questions& questions, bool everything) {
  std::optional<SeededSums> sums;
  const Ties ties = ties_rules().at(all.front().told.protocol.ties);
  std::vector<size_t> ranked;
  for (const auto& one : all) {
    const Path file = one.stored->folder / "ranks.parquet";
    const auto rankers = read_ranks(file, questions, everything);
    if (!sums) {
      ranked = ranked_in(rankers.front().places);
      sums.emplace(questions.info, ranked, names_in(all), seeds);
    }
    for (const auto& ranker : rankers) {
      if (ranked_in(ranker.places) != ranked) throw Error("{}: other cases are ranked there than in the other results", file.string());
      sums->add(ranker.name, one.seed, ranker, ties);
    }
  }
  return std::move(*sums);
}

/// What is not added up case by case: the mean over seeds of what each result says of its lists and places.
void describe(RankerResult& row, const std::vector<Opened>& all) {
  std::vector<const RankerResult*> found;
  for (const auto& one : all) {
    for (const auto& ranker : one.told.rankers) {
      if (ranker.name == row.name) found.push_back(&ranker);
    }
  }
  const auto n = static_cast<double>(found.size());
  row.mixed = found.front()->mixed;
  row.note = found.front()->note;
  std::vector<double> histogram(rank_bins().size() + 1);
  for (const auto* ranker : found) {
    row.seconds += ranker->seconds / n;
    for (const auto& [name, value] : ranker->lists) row.lists[name] += value / n;
    for (size_t bin = 0; bin < histogram.size(); ++bin) histogram[bin] += static_cast<double>(ranker->rank_histogram[bin]) / n;
  }
  for (const double cases : histogram) row.rank_histogram.push_back(std::llround(cases));
}

std::string intervals_text(const SeededSums& sums, int64_t resamples) {
  const std::string seeds = sums.seeds() == 1 ? "; one seed, so they say nothing of others" : fmt::format(" and {} seeds together", sums.seeds());
  if (sums.listeners() == 1) {
    return fmt::format("95 %, bootstrap over {} cases{}: one listener only, so they say nothing of others; {} draws", sums.cases(), seeds, resamples);
  }
  return fmt::format("95 %, bootstrap over {} listeners{}; {} draws", sums.listeners(), seeds, resamples);
}

Evaluation averaged(const std::vector<Opened>& all, const SeededSums& sums, const ComparisonOptions& options, const std::vector<uint64_t>& seeds) {
  Evaluation out;
  out.protocol = all.front().told.protocol;
  out.protocol.seed = options.seed;
  out.protocol.seeds = seeds;
  out.protocol.intervals = intervals_text(sums, options.resamples);
  out.chance = all.front().told.chance;
  const auto whole = sums.results("", options.resamples, options.seed);
  for (size_t r = 0; r < whole.size(); ++r) {
    RankerResult row;
    row.name = sums.rankers()[r];
    row.all = whole[r];
    row.inside_chance = inside_chance(row.all.metrics, out.chance);
    describe(row, all);
    if (const size_t has = sums.seeds_of(r).size(); has < seeds.size()) {
      row.note = fmt::format("{} of {} seeds have a result{}{}", has, seeds.size(), row.note.empty() ? "" : "; ", row.note);
    }
    out.rankers.push_back(std::move(row));
  }
  for (const auto& [name, belongs] : slices()) {
    const auto results = sums.results(name, options.resamples, options.seed);
    for (size_t r = 0; r < results.size(); ++r) out.rankers[r].slices[name] = results[r];
  }
  return out;
}

std::vector<TrainedVariant> variants_in(const std::vector<Opened>& all) {
  std::vector<TrainedVariant> variants;
  for (const auto& one : all) {
    if (!one.stored->run) continue;
    const auto known = std::find_if(variants.begin(), variants.end(), [&](const TrainedVariant& v) { return v.name == one.stored->name; });
    if (known != variants.end()) continue;
    variants.push_back({one.stored->name, {}, {}});
    for (const auto& ranker : one.told.rankers) (ranker.mixed ? variants.back().mixed : variants.back().alone).push_back(ranker.name);
  }
  return variants;
}

}  // namespace

Comparison compare_results(const std::vector<StoredResult>& results, const std::vector<uint64_t>& seeds, const Questions& questions,
                           const ComparisonOptions& options) {
  const auto all = opened(results, seeds, options.everything);
  const auto sums = summed(all, seeds.size(), questions, options.everything);
  Comparison out;
  out.seeds = seeds;
  out.evaluation = averaged(all, sums, options, seeds);
  const auto& names = sums.rankers();
  const auto centre = means(sums.of_metrics(options.metrics));
  for (size_t r = 0; r < names.size(); ++r) {
    for (const size_t s : sums.seeds_of(r)) {
      for (size_t m = 0; m < options.metrics.size(); ++m) {
        out.by_seed[names[r]][seeds[s]][options.metrics[m]] = centre[(r * seeds.size() + s) * options.metrics.size() + m];
      }
    }
  }
  for (const auto& one : all) {
    for (const auto& ranker : one.told.rankers) {
      if (one.stored->run) out.variant_of[ranker.name] = one.stored->name;
    }
  }
  const bool counters = std::find(names.begin(), names.end(), "counters") != names.end();
  for (auto& [name, tests] : families_of(variants_in(all), counters, options)) {
    if (!tests.pairs.empty()) out.families.push_back({name, compare_seeded(sums, seeds, tests)});
  }
  return out;
}

}  // namespace segue
