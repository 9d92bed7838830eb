#pragma once

#include <cstdint>
#include <vector>

#include "evaluation/results.h"

namespace segue {

/// Sums over groups of cases that are drawn together, because they are not independent: those of one listener.
struct Clusters {
  int64_t columns = 0;        // numbers per case
  std::vector<double> sums;   // [clusters, columns]
  std::vector<double> cases;  // [clusters]

  Clusters(int64_t clusters, int64_t columns)
      : columns(columns), sums(static_cast<size_t>(clusters * columns)), cases(static_cast<size_t>(clusters)) {}
  int64_t size() const { return static_cast<int64_t>(cases.size()); }
  double* of(int64_t cluster) { return sums.data() + cluster * columns; }
  const double* of(int64_t cluster) const { return sums.data() + cluster * columns; }
};

/// Mean of each column over all cases: [columns].
std::vector<double> means(const Clusters& clusters);

/// Means of each column with as many clusters drawn with replacement: [draws, columns]. A draw is the same for all
/// columns, so differences between columns are paired. Depends on the seed, not on the number of threads.
std::vector<double> resampled_means(const Clusters& clusters, int64_t draws, uint64_t seed);

/// Column `column` of resampled_means, sorted.
std::vector<double> sorted_column(const std::vector<double>& rows, int64_t columns, int64_t column);

/// The part q (0 … 1) of sorted values lies below it; between two values linear, as numpy does.
double quantile(const std::vector<double>& sorted, double q);

/// The mean with the middle 95 % of the sorted draws.
Estimate estimate(double mean, const std::vector<double>& sorted);

}  // namespace segue
