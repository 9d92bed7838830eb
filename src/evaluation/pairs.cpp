#include "evaluation/pairs.h"

#include <algorithm>
#include <numeric>

namespace segue {
namespace {

PairResult compare(const PairColumn& a, const PairColumn& b, double difference, std::vector<double> differences) {
  std::sort(differences.begin(), differences.end());
  const auto [mean, low, high] = estimate(difference, differences);
  return {.a = a.ranker, .b = b.ranker, .metric = a.metric, .difference = mean, .low = low, .high = high,
          .p = two_sided_p(differences)};
}

}  // namespace

double two_sided_p(const std::vector<double>& differences) {
  const auto below = std::count_if(differences.begin(), differences.end(), [](double d) { return d <= 0; });
  const auto above = std::count_if(differences.begin(), differences.end(), [](double d) { return d >= 0; });
  return std::min(1.0, 2.0 * static_cast<double>(std::min(below, above) + 1) / static_cast<double>(differences.size() + 1));
}

std::vector<double> holm(const std::vector<double>& p) {
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t i, size_t j) { return p[i] < p[j]; });
  std::vector<double> corrected(p.size());
  double largest = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    largest = std::max(largest, std::min(1.0, static_cast<double>(p.size() - i) * p[order[i]]));
    corrected[order[i]] = largest;
  }
  return corrected;
}

std::vector<PairResult> compare_pairs(const std::vector<PairColumn>& columns, const Clusters& clusters, int64_t draws,
                                      uint64_t seed) {
  const auto same = [&](size_t i, size_t j) { return columns[i].metric == columns[j].metric; };
  int64_t family = 0;
  for (size_t i = 0; i < columns.size(); ++i) {
    for (size_t j = i + 1; j < columns.size(); ++j) family += same(i, j) ? 1 : 0;
  }
  // The smallest p is 2 / (draws + 1) and Holm multiplies it by the family: with too few draws nothing could ever be
  // significant. So many give it a fifth of 5 %.
  draws = std::max(draws, 200 * family);
  const auto centre = means(clusters);
  const auto rows = resampled_means(clusters, draws, seed);
  std::vector<PairResult> pairs;
  for (size_t i = 0; i < columns.size(); ++i) {
    for (size_t j = i + 1; j < columns.size(); ++j) {
      if (!same(i, j)) continue;
      std::vector<double> differences;
      for (size_t row = 0; row < rows.size(); row += columns.size()) differences.push_back(rows[row + i] - rows[row + j]);
      pairs.push_back(compare(columns[i], columns[j], centre[i] - centre[j], std::move(differences)));
    }
  }
  std::vector<double> p;
  for (const auto& pair : pairs) p.push_back(pair.p);
  p = holm(p);
  for (size_t i = 0; i < pairs.size(); ++i) pairs[i].p_holm = p[i];
  return pairs;
}

}  // namespace segue
