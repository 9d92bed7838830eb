#pragma once

#include <string>
#include <utility>
#include <vector>

#include "experiments/comparison.h"
#include "experiments/seeded_sums.h"

namespace segue {

/// A weighted sum of rankers' values that is 0 where nothing differs.
struct Contrast {
  std::string a, b;    // what is compared, in words
  std::string factor;  // of which both are values; empty: both are rankers
  std::vector<std::pair<std::string, double>> weights;  // of rankers

  Contrast(std::string a, std::string b) : a(a), b(b), weights{{std::move(a), 1}, {std::move(b), -1}} {}
  Contrast(std::string a, std::string b, std::string factor, std::vector<std::pair<std::string, double>> weights)
      : a(std::move(a)), b(std::move(b)), factor(std::move(factor)), weights(std::move(weights)) {}
};

/// What is compared, as one family of tests.
struct PairTests {
  std::vector<Contrast> pairs;
  std::vector<std::string> metrics;
  std::vector<std::string> slices = {""};  // over whose cases; "": all
  int64_t draws = 1000;                    // at least; more where the family is large, up to 100,000
  uint64_t seed = 1;
};

/// Compares in each slice and metric, corrected by Holm. What has no seed in which all its rankers have a result, and slices
/// without a case, are left out.
std::vector<SeededPair> compare_seeded(const SeededSums& sums, const std::vector<uint64_t>& seeds, const PairTests& tests);

}  // namespace segue
