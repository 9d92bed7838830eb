#pragma once

#include <string>
#include <utility>
#include <vector>

#include "experiments/comparison.h"
#include "experiments/seeded_sums.h"

namespace segue {

/// Compares pairs of rankers in each metric as one family of tests, corrected by Holm. Draws at least `draws` times, more
/// where the family is large. Pairs without a common seed are left out.
std::vector<SeededPair> compare_seeded(const SeededSums& sums, const std::vector<uint64_t>& seeds,
                                       const std::vector<std::pair<std::string, std::string>>& pairs, const std::vector<std::string>& metrics,
                                       int64_t draws, uint64_t seed);

}  // namespace segue
