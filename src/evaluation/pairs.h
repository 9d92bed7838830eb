#pragma once

#include <string>
#include <vector>

#include "evaluation/intervals.h"

namespace segue {

/// Two-sided p of "no difference", from bootstrapped differences: twice the smaller part of them on one side of 0, both
/// counted with one more (Davison & Hinkley, 1997), so that it is never 0.
double two_sided_p(const std::vector<double>& differences);

/// p corrected for a family of tests (Holm, 1979), in the order given.
std::vector<double> holm(const std::vector<double>& p);

/// A column of clusters: one ranker's values of one metric.
struct PairColumn {
  std::string ranker, metric;
};

/// Compares every two columns of one metric, on the same draws; the family of Holm's correction is the whole table.
/// Draws at least `draws` times, more where the family is large.
std::vector<PairResult> compare_pairs(const std::vector<PairColumn>& columns, const Clusters& clusters, int64_t draws,
                                      uint64_t seed);

}  // namespace segue
