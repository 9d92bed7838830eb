#include "experiments/seeds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "evaluation/intervals.h"

namespace segue {
namespace {

TEST(SeededBootstrap, DrawsSeedsWithReplacement) {
  std::vector<double> rows;
  for (int i = 0; i < 4000; ++i) rows.insert(rows.end(), {0, 1});
  const auto draws = drawn_over_seeds(rows, 2, 1);
  ASSERT_EQ(draws.size(), 4000u);
  // Each seed twice with chance 1/4, else both once.
  EXPECT_NEAR(std::count(draws.begin(), draws.end(), 0.0), 1000, 100);
  EXPECT_NEAR(std::count(draws.begin(), draws.end(), 0.5), 2000, 130);
  EXPECT_NEAR(std::count(draws.begin(), draws.end(), 1.0), 1000, 100);
}

TEST(SeededBootstrap, DrawsListenersAndSeedsTogether) {
  // Two listeners with a case each, two seeds: only the first listener's case under the first seed is right.
  Clusters clusters(2, 2);
  clusters.sums = {1, 0, 0, 0};
  clusters.cases = {1, 1};
  const auto draws = drawn_over_seeds(resampled_means(clusters, 16000, 1), 2, 1);
  const auto times = [&](double value) { return std::count(draws.begin(), draws.end(), value); };
  // (first, first) 1/4, (first, second) 1/2, (second, second) 1/4, times the same for seeds.
  EXPECT_NEAR(times(1), 1000, 120);     // 1/4 · 1/4
  EXPECT_NEAR(times(0.5), 4000, 220);   // 1/4 · 1/2 + 1/2 · 1/4
  EXPECT_NEAR(times(0.25), 4000, 220);  // 1/2 · 1/2
  EXPECT_NEAR(times(0), 7000, 260);     // 1/4 + 3/4 · 1/4
}

TEST(SeededBootstrap, OfOneSeedIsThatOfListeners) {
  Clusters clusters(3, 1);
  clusters.sums = {1, 2, 3};
  clusters.cases = {4, 4, 4};
  const auto listeners = resampled_means(clusters, 500, 7);
  EXPECT_EQ(drawn_over_seeds(listeners, 1, 7), listeners);
}

TEST(SeededBootstrap, DrawsTheSameSeedsForAllThatHaveEquallyMany) {
  std::vector<double> rows, shifted;
  for (int i = 0; i < 300; ++i) {
    for (int s = 0; s < 5; ++s) {
      rows.push_back(s);
      shifted.push_back(s + 10);
    }
  }
  const auto one = drawn_over_seeds(rows, 5, 3), other = drawn_over_seeds(shifted, 5, 3);
  for (size_t i = 0; i < one.size(); ++i) EXPECT_DOUBLE_EQ(other[i] - one[i], 10);
  EXPECT_NE(one, drawn_over_seeds(rows, 5, 4));
}

TEST(SeededBootstrap, RefusesRowsOfOtherLengths) {
  EXPECT_THROW(drawn_over_seeds({1, 2, 3}, 2, 1), std::invalid_argument);
  EXPECT_THROW(drawn_over_seeds({1}, 0, 1), std::invalid_argument);
}

}  // namespace
}  // namespace segue
