#include "ranking/mixture.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ranking/tiny.h"

namespace segue {
namespace {

using namespace testing_logs;

const Log log = tiny_log({{0, 1, 0}, {0, 2, 1}, {0, 1, 2}}, 3);

TEST(Mixture, AddsWeightedLogarithmsOfShares) {
  const Mixture mixture({log}, {.eps = 0.5, .parts = {{"personal", 2}, {"markov", 3}}});
  const auto scores = answer(mixture, log, 0, 3);
  EXPECT_NEAR(scores[1], 2 * std::log1p(2.0 / 3 / 0.5), 1e-12);
  EXPECT_NEAR(scores[2], 2 * std::log1p(1.0 / 3 / 0.5) + 3 * std::log1p(1 / 0.5), 1e-12);
}

TEST(Mixture, TakesRankersThatScoreEverything) {
  const Mixture mixture({log}, {.parts = {{"popular", 1}, {"personal", 1}}});
  EXPECT_NEAR(answer(mixture, log, 0, 3)[1], 2 * std::log1p(2.0 / 3), 1e-12);
}

TEST(Mixture, NamesTheRankersThereAreWhenOneIsUnknown) {
  EXPECT_THROW(Mixture({log}, {.parts = {{"persnal", 1}}}), Error);
}

TEST(Mixture, SaysItsWeights) {
  EXPECT_EQ(Mixture({log}, {.parts = {{"personal", 0.25}}}).note(), "eps 1, personal 0.25");
}

}  // namespace
}  // namespace segue
