#pragma once

#include <string>
#include <utility>
#include <vector>

#include "experiments/comparison.h"
#include "experiments/seeded_sums.h"

namespace segue {

/// What is compared, as one family of tests.
struct PairTests {
  std::vector<std::pair<std::string, std::string>> pairs;
  std::vector<std::string> metrics;
  std::vector<std::string> slices = {""};  // over whose cases; "": all
  int64_t draws = 1000;                    // at least; more where the family is large
  uint64_t seed = 1;
};

/// Compares pairs of rankers in each slice and metric, corrected by Holm. Pairs without a common seed and slices without
/// a case are left out.
std::vector<SeededPair> compare_seeded(const SeededSums& sums, const std::vector<uint64_t>& seeds, const PairTests& tests);

}  // namespace segue
