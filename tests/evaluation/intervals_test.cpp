#include "evaluation/intervals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/parallel.h"
#include "core/random.h"

namespace segue {
namespace {

TEST(Quantile, IsLinearBetweenValues) {
  EXPECT_DOUBLE_EQ(quantile({1, 2, 3, 4, 5}, 0.5), 3);
  EXPECT_DOUBLE_EQ(quantile({1, 2, 3, 4, 5}, 0.1), 1.4);  // numpy.percentile([1, 2, 3, 4, 5], 10)
  EXPECT_DOUBLE_EQ(quantile({7}, 0.975), 7);
}

TEST(Bootstrap, WeighsListenersByTheirCases) {
  Clusters clusters(2, 1);
  clusters.sums = {3, 0};  // 3 of 3 right, 0 of 1
  clusters.cases = {3, 1};
  EXPECT_DOUBLE_EQ(means(clusters)[0], 0.75);
  const auto draws = sorted_column(resampled_means(clusters, 4000, 1), 1, 0);
  // Both listeners twice with chance 1/4 each, else both once.
  EXPECT_NEAR(std::count(draws.begin(), draws.end(), 0.0), 1000, 100);
  EXPECT_NEAR(std::count(draws.begin(), draws.end(), 0.75), 2000, 130);
  EXPECT_NEAR(std::count(draws.begin(), draws.end(), 1.0), 1000, 100);
}

TEST(Bootstrap, GivesTheWidthOfANormalMean) {
  constexpr int64_t n = 400;
  Clusters clusters(n, 1);
  Random random(3);
  for (auto& sum : clusters.sums) sum = random.normal();
  std::fill(clusters.cases.begin(), clusters.cases.end(), 1.0);
  const auto interval = estimate(means(clusters)[0], sorted_column(resampled_means(clusters, 4000, 1), 1, 0));
  EXPECT_NEAR(interval.high - interval.low, 2 * 1.96 / std::sqrt(n), 0.02);  // 0.196
}

TEST(Bootstrap, DependsOnTheSeedAndNotOnTheThreads) {
  Clusters clusters(5, 2);
  clusters.sums = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  clusters.cases = {1, 2, 3, 4, 5};
  const int before = threads();
  set_threads(1);
  const auto serial = resampled_means(clusters, 200, 4);
  set_threads(3);
  const auto parallel = resampled_means(clusters, 200, 4);
  set_threads(before);
  EXPECT_EQ(serial, parallel);
  EXPECT_NE(serial, resampled_means(clusters, 200, 5));
}

}  // namespace
}  // namespace segue
