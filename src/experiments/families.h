#pragma once

#include <string>
#include <vector>

#include "experiments/comparison.h"
#include "experiments/seeded_pairs.h"

namespace segue {

/// A variant's rankers: the model by itself, and its mixes.
struct TrainedVariant {
  std::string name;
  std::vector<std::string> alone, mixed;
};

/// The tests of one family, under its name.
struct FamilyTests {
  std::string name;
  PairTests tests;
};

/// What is tested of a comparison, family by family; docs/compare.md says what each answers.
std::vector<FamilyTests> families_of(const std::vector<TrainedVariant>& variants, bool counters, const ComparisonOptions& options);

}  // namespace segue
