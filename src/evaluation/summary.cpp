#include "evaluation/summary.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "core/error.h"
#include "evaluation/chance.h"
#include "evaluation/pairs.h"
#include "evaluation/slices.h"

namespace segue {
namespace {

/// Sums of each ranker's measures: column = ranker * measures + measure.
Clusters clusters_of(const Slice& slice, const std::vector<RankerPlaces>& rankers, const std::vector<Measure>& rows,
                     Ties ties) {
  auto clusters = empty_clusters(slice, std::ssize(rankers) * std::ssize(rows));
  for (size_t i = 0; i < rankers.size(); ++i) add_sums(clusters, static_cast<int64_t>(i * rows.size()), slice, rankers[i], rows, ties);
  return clusters;
}

/// One result per ranker.
std::vector<SliceResult> results_of(const Slice& slice, const std::vector<RankerPlaces>& rankers,
                                    const SummaryOptions& options) {
  std::vector<SliceResult> results(
      rankers.size(), {.cases = static_cast<int64_t>(slice.cases.size()), .listeners = slice.listeners, .metrics = {}});
  if (slice.cases.empty()) return results;
  const auto clusters = clusters_of(slice, rankers, measures(), options.ties);
  const auto centre = means(clusters);
  const auto draws = resampled_means(clusters, options.resamples, options.seed);
  for (size_t c = 0; c < centre.size(); ++c) {
    const auto& name = measures()[c % measures().size()].name;
    results[c / measures().size()].metrics[name] =
        estimate(centre[c], sorted_column(draws, clusters.columns, static_cast<int64_t>(c)));
  }
  return results;
}

std::vector<int64_t> histogram_of(const Slice& slice, const RankerPlaces& ranker, Ties ties) {
  std::vector<int64_t> histogram(rank_bins().size() + 1);
  for (const size_t i : slice.cases) {
    const double rank = rank_of(ranker.places[i], ties);
    const auto bin = std::lower_bound(rank_bins().begin(), rank_bins().end(), rank,
                                      [](int64_t end, double value) { return static_cast<double>(end) < value; });
    ++histogram[static_cast<size_t>(bin - rank_bins().begin())];
  }
  return histogram;
}

std::vector<PairResult> pairs_of(const Slice& slice, const std::vector<RankerPlaces>& rankers,
                                 const SummaryOptions& options) {
  std::vector<Measure> rows;
  for (const auto& name : options.pair_metrics) rows.push_back(measure(name));
  if (rows.empty()) return {};
  std::vector<PairColumn> columns;
  for (const auto& ranker : rankers) {
    for (const auto& row : rows) columns.push_back({ranker.name, row.name});
  }
  return compare_pairs(columns, clusters_of(slice, rankers, rows, options.ties), options.resamples, options.seed);
}

/// Numbers of the cases that are ranked, which are the same for all rankers.
std::vector<size_t> ranked_cases(const std::vector<CaseInfo>& cases, const std::vector<RankerPlaces>& rankers) {
  if (rankers.empty()) throw Error("nothing to evaluate: name a ranker or a run");
  std::vector<size_t> ranked;
  std::set<std::string> names;
  for (const auto& ranker : rankers) {
    if (!names.insert(ranker.name).second) throw Error("two rankers are called '{}': give one another name", ranker.name);
    if (ranker.places.size() != cases.size()) {
      throw std::invalid_argument(fmt::format("summarise: {} has {} places for {} cases", ranker.name,
                                              ranker.places.size(), cases.size()));
    }
    if (!ranker.values.empty() && ranker.values.size() != cases.size()) {
      throw std::invalid_argument(fmt::format("summarise: {} has values of {} of {} cases", ranker.name, ranker.values.size(), cases.size()));
    }
  }
  for (size_t i = 0; i < cases.size(); ++i) {
    const bool is_ranked = rankers.front().places[i].above >= 0;
    for (const auto& ranker : rankers) {
      if ((ranker.places[i].above >= 0) == is_ranked) continue;
      throw std::invalid_argument(fmt::format("summarise: {} and {} rank different cases", rankers.front().name, ranker.name));
    }
    if (is_ranked) ranked.push_back(i);
  }
  if (ranked.empty()) throw Error("none of the {} cases has its target among the candidates: nothing to rank", cases.size());
  return ranked;
}

std::string ties_name(Ties ties) {
  for (const auto& [name, rule] : ties_rules()) {
    if (rule == ties) return name;
  }
  throw std::invalid_argument("ties_name: no such rule");
}

ProtocolInfo filled(ProtocolInfo protocol, size_t cases, const Slice& all, const SummaryOptions& options) {
  protocol.cases = static_cast<int64_t>(all.cases.size());
  protocol.out_of_catalogue = static_cast<int64_t>(cases - all.cases.size());
  protocol.listeners = all.listeners;
  protocol.ties = ties_name(options.ties);
  protocol.seed = options.seed;
  protocol.intervals =
      all.listeners == 1
          ? fmt::format("95 %, bootstrap over {} cases: one listener only, so they say nothing of others; {} draws",
                        protocol.cases, options.resamples)
          : fmt::format("95 %, bootstrap over {} listeners, {} draws", all.listeners, options.resamples);
  return protocol;
}

}  // namespace

Evaluation summarise(ProtocolInfo protocol, const std::vector<CaseInfo>& cases,
                     const std::vector<RankerPlaces>& rankers, const SummaryOptions& options) {
  const auto ranked = ranked_cases(cases, rankers);
  const auto everyone = whole_slice(cases, ranked);
  Evaluation out;
  out.protocol = filled(std::move(protocol), cases.size(), everyone, options);
  out.chance = options.right.empty() ? chance_level(out.protocol.cases, options.candidates, options.seed)
                                     : chance_level_of_lists(options.right, options.candidates, options.seed);
  const auto all = results_of(everyone, rankers, options);
  for (size_t i = 0; i < rankers.size(); ++i) {
    const auto& from = rankers[i];
    out.rankers.push_back({.name = from.name, .all = all[i], .slices = {}, .lists = from.lists,
                           .rank_histogram = histogram_of(everyone, from, options.ties),
                           .inside_chance = inside_chance(all[i].metrics, out.chance), .note = from.note, .mixed = from.mixed,
                           .seconds = from.seconds});
  }
  for (const auto& [name, belongs] : slices()) {
    const auto results = results_of(slice_of(cases, ranked, belongs), rankers, options);
    for (size_t i = 0; i < results.size(); ++i) out.rankers[i].slices[name] = results[i];
  }
  out.pairs = pairs_of(everyone, rankers, options);
  return out;
}

}  // namespace segue
