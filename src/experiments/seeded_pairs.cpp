#include "experiments/seeded_pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "evaluation/findings.h"
#include "evaluation/pairs.h"
#include "experiments/seeds.h"

namespace segue {
namespace {

constexpr size_t side_by_side = 16;  // contrasts that are drawn at once: so much is in memory

/// What is compared, with the seeds in which all of it has a result.
struct Compared {
  const Contrast* of;
  std::vector<std::pair<size_t, double>> weights;  // of rankers by number
  std::vector<size_t> seeds;
};

std::vector<Compared> with_seeds(const std::vector<Contrast>& contrasts, const SeededSums& sums) {
  std::vector<Compared> all;
  for (const auto& contrast : contrasts) {
    Compared one{&contrast, {}, {}};
    for (const auto& [ranker, weight] : contrast.weights) one.weights.emplace_back(sums.number(ranker), weight);
    for (size_t s = 0; s < sums.seeds(); ++s) {
      if (std::all_of(one.weights.begin(), one.weights.end(), [&](const auto& ranker) { return sums.has(ranker.first, s); })) one.seeds.push_back(s);
    }
    if (!one.seeds.empty()) all.push_back(std::move(one));
  }
  return all;
}

/// Sums of listeners of some contrasts. column(contrast, seed, metric) = (contrast * seeds + seed) * metrics + metric.
Clusters contrasted(const Clusters& rankers, std::span<const Compared> contrasts, size_t seeds, size_t metrics) {
  Clusters out(rankers.size(), std::ssize(contrasts) * static_cast<int64_t>(seeds * metrics));
  out.cases = rankers.cases;
  const size_t each = seeds * metrics;
  for (int64_t i = 0; i < rankers.size(); ++i) {
    for (size_t c = 0; c < contrasts.size(); ++c) {
      for (const auto& [ranker, weight] : contrasts[c].weights) {
        for (size_t k = 0; k < each; ++k) out.of(i)[c * each + k] += weight * rankers.of(i)[ranker * each + k];
      }
    }
  }
  return out;
}

/// The mean over seeds with its interval and p. centre: [columns]; rows: [draws, columns]; column: of the first seed, the others
/// follow `step` apart.
SeededPair compare(const std::vector<double>& centre, const std::vector<double>& rows, size_t column, size_t step, const Compared& compared,
                   const std::vector<uint64_t>& seeds, uint64_t seed) {
  SeededPair out;
  std::vector<double> by_seed;
  double mean = 0;
  int64_t above = 0, below = 0;
  const auto n = std::ssize(compared.seeds);
  for (const size_t s : compared.seeds) {
    const double difference = centre[column + s * step];
    out.by_seed[seeds[s]] = difference;
    mean += difference / static_cast<double>(n);
    above += difference > 0;
    below += difference < 0;
  }
  for (size_t row = 0; row < rows.size(); row += centre.size()) {
    for (const size_t s : compared.seeds) by_seed.push_back(rows[row + column + s * step]);
  }
  auto differences = drawn_over_seeds(by_seed, n, seed);
  std::sort(differences.begin(), differences.end());
  const auto [middle, low, high] = estimate(mean, differences);
  out.pair.difference = middle;
  out.pair.low = low;
  out.pair.high = high;
  out.pair.p = two_sided_p(differences);
  out.same_sign = std::max(above, below) == n;
  return out;
}

/// Why a difference may not be claimed; empty where it may.
std::string why_not(const SeededPair& one, size_t seeds, int64_t listeners) {
  if (one.by_seed.size() < seeds) return fmt::format("{} of {} seeds have a result", one.by_seed.size(), seeds);
  if (std::ssize(one.by_seed) < seeds_of_a_claim) return fmt::format("{} seed(s); {} are wanted", one.by_seed.size(), seeds_of_a_claim);
  if (listeners < 2) return "one listener says nothing of others";
  if (one.pair.p_holm >= significance) return fmt::format("it may be luck: p {:.4f} with Holm's correction", one.pair.p_holm);
  if (!one.same_sign) return "its sign is not the same in every seed";
  return {};
}

void correct(std::vector<SeededPair>& all, size_t seeds, int64_t listeners) {
  std::vector<double> p;
  for (const auto& one : all) p.push_back(one.pair.p);
  p = holm(p);
  for (size_t i = 0; i < all.size(); ++i) {
    all[i].pair.p_holm = p[i];
    all[i].why_not = why_not(all[i], seeds, listeners);
    all[i].claimed = all[i].why_not.empty();
  }
}

}  // namespace

std::vector<SeededPair> compare_seeded(const SeededSums& sums, const std::vector<uint64_t>& seeds, const PairTests& tests) {
  // As in compare_pairs: the smallest p is 2 / (draws + 1), and Holm multiplies it by the family.
  const int64_t family = 200 * std::ssize(tests.pairs) * std::ssize(tests.metrics) * std::ssize(tests.slices);
  const int64_t draws = std::max(tests.draws, std::min<int64_t>(family, 100'000));
  const auto contrasts = with_seeds(tests.pairs, sums);
  const size_t metrics = tests.metrics.size(), each = sums.seeds() * metrics;
  std::vector<SeededPair> all;
  for (const auto& slice : tests.slices) {
    const auto rankers = sums.of_metrics(tests.metrics, slice);
    if (rankers.size() == 0) continue;
    for (size_t from = 0; from < contrasts.size(); from += side_by_side) {
      const auto some = std::span(contrasts).subspan(from, std::min(side_by_side, contrasts.size() - from));
      const auto clusters = contrasted(rankers, some, sums.seeds(), metrics);
      const auto centre = means(clusters), rows = resampled_means(clusters, draws, tests.seed);
      for (size_t c = 0; c < some.size(); ++c) {
        for (size_t m = 0; m < metrics; ++m) {
          auto& one = all.emplace_back(compare(centre, rows, c * each + m, metrics, some[c], seeds, tests.seed));
          one.slice = slice;
          one.factor = some[c].of->factor;
          one.pair.a = some[c].of->a;
          one.pair.b = some[c].of->b;
          one.pair.metric = tests.metrics[m];
        }
      }
    }
  }
  correct(all, seeds.size(), sums.listeners());
  return all;
}

}  // namespace segue
