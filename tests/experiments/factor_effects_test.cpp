#include "experiments/factor_effects.h"

#include <gtest/gtest.h>

namespace segue {
namespace {

const std::vector<Factor> factors{{"encoder", {"sasrec", "gru4rec"}}, {"signals", {"ids", "genes", "all"}}};

using Cells = std::vector<std::vector<std::string>>;

/// What an effect comes to where genes add 1, all adds 3, and gru4rec takes 10 away.
double effect_on(const Cells& cells, const FactorEffect& effect) {
  double sum = 0;
  for (size_t c = 0; c < cells.size(); ++c) {
    const double figure = 100 + (cells[c][0] == "gru4rec" ? -10 : 0) + (cells[c][1] == "genes" ? 1 : cells[c][1] == "all" ? 3 : 0);
    sum += effect.weights[c] * figure;
  }
  return sum;
}

std::vector<std::string> names_of(const std::vector<FactorEffect>& effects) {
  std::vector<std::string> names;
  for (const auto& effect : effects) names.push_back(effect.factor + " " + effect.value + " - " + effect.first);
  return names;
}

TEST(FactorEffects, AreTheMeanOverPairsOfCellsInAFullGrid) {
  Cells cells;
  for (const auto& encoder : factors[0].values) {
    for (const auto& signals : factors[1].values) cells.push_back({encoder, signals});
  }
  const auto effects = factor_effects(factors, cells);
  ASSERT_EQ(names_of(effects), (std::vector<std::string>{"encoder gru4rec - sasrec", "signals genes - ids", "signals all - ids"}));
  const std::vector<double> genes{-0.5, 0.5, 0, -0.5, 0.5, 0};  // (genes − ids) of sasrec and of gru4rec, halved
  for (size_t c = 0; c < 6; ++c) EXPECT_NEAR(effects[1].weights[c], genes[c], 1e-12);
}

TEST(FactorEffects, FindWhatEachValueAddsWhereCellsAreMissing) {
  const Cells cells{{"sasrec", "ids"}, {"gru4rec", "genes"}, {"sasrec", "all"}, {"gru4rec", "ids"}};
  const auto effects = factor_effects(factors, cells);
  ASSERT_EQ(effects.size(), 3u);
  EXPECT_NEAR(effect_on(cells, effects[0]), -10, 1e-9);
  EXPECT_NEAR(effect_on(cells, effects[1]), 1, 1e-9);
  EXPECT_NEAR(effect_on(cells, effects[2]), 3, 1e-9);
}

TEST(FactorEffects, SayNothingOfWhatTheCellsCantTellApart) {
  const Cells cells{{"sasrec", "ids"}, {"gru4rec", "genes"}, {"sasrec", "all"}};  // gru4rec always with genes
  EXPECT_EQ(names_of(factor_effects(factors, cells)), std::vector<std::string>{"signals all - ids"});
  EXPECT_TRUE(factor_effects(factors, {}).empty());
  EXPECT_TRUE(factor_effects({}, {{}, {}}).empty());
}

}  // namespace
}  // namespace segue
