#include "evaluation/intervals.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/parallel.h"
#include "core/random.h"

namespace segue {
namespace {

/// One draw of the bootstrap: as many clusters as there are, with replacement.
void draw_means(const Clusters& clusters, Random random, double* out) {
  std::vector<int32_t> times(clusters.cases.size());
  for (size_t i = 0; i < times.size(); ++i) ++times[random.below(times.size())];
  double cases = 0;
  for (int64_t i = 0; i < clusters.size(); ++i) {
    const double weight = times[static_cast<size_t>(i)];
    if (weight == 0) continue;
    cases += weight * clusters.cases[static_cast<size_t>(i)];
    const double* sums = clusters.of(i);
    for (int64_t c = 0; c < clusters.columns; ++c) out[c] += weight * sums[c];
  }
  for (int64_t c = 0; c < clusters.columns; ++c) out[c] /= cases;
}

}  // namespace

std::vector<double> means(const Clusters& clusters) {
  std::vector<double> out(static_cast<size_t>(clusters.columns));
  double cases = 0;
  for (int64_t i = 0; i < clusters.size(); ++i) {
    cases += clusters.cases[static_cast<size_t>(i)];
    for (int64_t c = 0; c < clusters.columns; ++c) out[static_cast<size_t>(c)] += clusters.of(i)[c];
  }
  for (double& sum : out) sum /= cases;
  return out;
}

std::vector<double> resampled_means(const Clusters& clusters, int64_t draws, uint64_t seed) {
  std::vector<double> out(static_cast<size_t>(draws * clusters.columns));
  parallel_for(draws, [&](int64_t draw) {
    draw_means(clusters, Random(seed, static_cast<uint64_t>(draw)), out.data() + draw * clusters.columns);
  });
  return out;
}

std::vector<double> sorted_column(const std::vector<double>& rows, int64_t columns, int64_t column) {
  std::vector<double> out;
  for (auto i = static_cast<size_t>(column); i < rows.size(); i += static_cast<size_t>(columns)) out.push_back(rows[i]);
  std::sort(out.begin(), out.end());
  return out;
}

double quantile(const std::vector<double>& sorted, double q) {
  if (sorted.empty()) throw std::invalid_argument("quantile: no values");
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - std::floor(at)) * (sorted[above] - sorted[below]);
}

Estimate estimate(double mean, const std::vector<double>& sorted) {
  return {.mean = mean, .low = quantile(sorted, 0.025), .high = quantile(sorted, 0.975)};
}

}  // namespace segue
