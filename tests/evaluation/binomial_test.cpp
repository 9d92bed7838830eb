#include "evaluation/binomial.h"

#include <gtest/gtest.h>

namespace segue {
namespace {

TEST(BinomialChance, GivesTheRegionsOfGuessingAmong200Candidates) {
  const std::vector<std::pair<double, Region>> wanted{{.005, {0, 7}}, {.025, {9, 24}}, {.05, {22, 43}}, {.1, {49, 79}}, {.5, {294, 344}}};
  for (const auto& [share, region] : wanted) {
    const auto found = central_region({638, share});
    EXPECT_EQ(found.low, region.low) << share;
    EXPECT_EQ(found.high, region.high) << share;
  }
}

TEST(BinomialChance, LeavesAtMostATailOutsideItsRegion) {
  for (const Binomial chance : {Binomial{20, .05}, Binomial{638, .1}, Binomial{10000, .001}, Binomial{7, .5}}) {
    const auto region = central_region(chance);
    EXPECT_LE(chance.at_most(region.low - 1), 0.025);
    EXPECT_GT(chance.at_most(region.low), 0.025);
    EXPECT_LE(chance.at_least(region.high + 1), 0.025);
    EXPECT_GT(chance.at_least(region.high), 0.025);
  }
}

TEST(BinomialChance, DoublesTheSmallerTail) {
  EXPECT_DOUBLE_EQ(two_sided_p(Binomial{10, .5}, 0), 2.0 / 1024);
  EXPECT_DOUBLE_EQ(two_sided_p(Binomial{10, .5}, 5), 1);
  EXPECT_NEAR(two_sided_p(Binomial{638, .05}, 50), .00276, 5e-6);
  EXPECT_NEAR(two_sided_p(Binomial{638, .5}, 353), .00794, 5e-6);
  EXPECT_NEAR(two_sided_p(Binomial{638, .025}, 25), .04041, 5e-6);
}

TEST(BinomialChance, IsCertainWhereTheShareIs) {
  EXPECT_EQ((Binomial{5, 1}.probability(5)), 1);
  EXPECT_EQ((Binomial{5, 0}.at_least(1)), 0);
  EXPECT_EQ((Binomial{5, .3}.probability(6)), 0);
}

TEST(TwoShares, AreComparedByFishersTest) {
  // 1 of 2 against 2 of 2: of the C(4, 3) = 4 ways to place three hits, 2 have them so or further apart on that side.
  EXPECT_DOUBLE_EQ(two_shares_p(1, 2, 2, 2), 1);
  // None of 4 against all of 4: one way of C(8, 4) = 70 on each side.
  EXPECT_NEAR(two_shares_p(0, 4, 4, 4), 2.0 / 70, 1e-12);
  EXPECT_NEAR(two_shares_p(25, 638, 13, 638), .0687, 5e-5);
}

}  // namespace
}  // namespace segue
