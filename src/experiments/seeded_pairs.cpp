#include "experiments/seeded_pairs.h"

#include <fmt/format.h>

#include <algorithm>

#include "evaluation/findings.h"
#include "evaluation/pairs.h"
#include "experiments/seeds.h"

namespace segue {
namespace {

/// Draws of listeners for every ranker, seed and metric.
struct Drawn {
  size_t seeds = 0, metrics = 0;
  std::vector<double> centre, rows;  // [columns], [draws, columns]
  size_t column(size_t ranker, size_t seed, size_t metric) const { return (ranker * seeds + seed) * metrics + metric; }
};

SeededPair compare(const Drawn& drawn, size_t a, size_t b, size_t metric, const std::vector<size_t>& common, const std::vector<uint64_t>& seeds, uint64_t seed) {
  SeededPair out;
  std::vector<double> by_seed;
  double mean = 0;
  int64_t above = 0, below = 0;
  for (const size_t s : common) {
    const double difference = drawn.centre[drawn.column(a, s, metric)] - drawn.centre[drawn.column(b, s, metric)];
    out.by_seed[seeds[s]] = difference;
    mean += difference / static_cast<double>(common.size());
    above += difference > 0;
    below += difference < 0;
  }
  for (size_t row = 0; row < drawn.rows.size(); row += drawn.centre.size()) {
    for (const size_t s : common) by_seed.push_back(drawn.rows[row + drawn.column(a, s, metric)] - drawn.rows[row + drawn.column(b, s, metric)]);
  }
  auto differences = drawn_over_seeds(by_seed, std::ssize(common), seed);
  std::sort(differences.begin(), differences.end());
  const auto [centre, low, high] = estimate(mean, differences);
  out.pair.difference = centre;
  out.pair.low = low;
  out.pair.high = high;
  out.pair.p = two_sided_p(differences);
  out.same_sign = std::max(above, below) == std::ssize(common);
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

}  // namespace

std::vector<SeededPair> compare_seeded(const SeededSums& sums, const std::vector<uint64_t>& seeds,
                                       const std::vector<std::pair<std::string, std::string>>& pairs, const std::vector<std::string>& metrics,
                                       int64_t draws, uint64_t seed) {
  // As in compare_pairs: the smallest p is 2 / (draws + 1), and Holm multiplies it by the family.
  draws = std::max(draws, 200 * std::ssize(pairs) * std::ssize(metrics));
  const auto clusters = sums.of_metrics(metrics);
  const Drawn drawn{sums.seeds(), metrics.size(), means(clusters), resampled_means(clusters, draws, seed)};
  std::vector<SeededPair> all;
  for (const auto& [a, b] : pairs) {
    const size_t of_a = sums.number(a), of_b = sums.number(b);
    const auto common = sums.seeds_of_both(of_a, of_b);
    if (common.empty()) continue;
    for (size_t m = 0; m < metrics.size(); ++m) {
      all.push_back(compare(drawn, of_a, of_b, m, common, seeds, seed));
      all.back().pair.a = a;
      all.back().pair.b = b;
      all.back().pair.metric = metrics[m];
    }
  }
  std::vector<double> p;
  for (const auto& one : all) p.push_back(one.pair.p);
  p = holm(p);
  for (size_t i = 0; i < all.size(); ++i) {
    all[i].pair.p_holm = p[i];
    all[i].why_not = why_not(all[i], seeds.size(), sums.listeners());
    all[i].claimed = all[i].why_not.empty();
  }
  return all;
}

}  // namespace segue
