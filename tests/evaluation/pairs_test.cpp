#include "evaluation/pairs.h"

#include <fmt/format.h>

#include <gtest/gtest.h>

namespace segue {
namespace {

TEST(Holm, StepsDownAndNeverDecreases) {
  // 4 x .005, 3 x .01, 2 x .03, then .06 again because .04 is less; sorted: .005 .01 .03 .04
  const auto corrected = holm({0.01, 0.04, 0.03, 0.005});
  const std::vector<double> expected{0.03, 0.06, 0.06, 0.02};
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_DOUBLE_EQ(corrected[i], expected[i]);
  EXPECT_EQ(holm({0.6, 0.7}), (std::vector<double>{1, 1}));
  EXPECT_TRUE(holm({}).empty());
}

TEST(TwoSidedP, CountsTheSmallerSideTwiceWithOneMore) {
  std::vector<double> differences(99, 1.0);
  EXPECT_DOUBLE_EQ(two_sided_p(differences), 0.02);
  differences[0] = differences[1] = -1;
  EXPECT_DOUBLE_EQ(two_sided_p(differences), 0.06);
  EXPECT_DOUBLE_EQ(two_sided_p(std::vector<double>(99, 0.0)), 1);
}

/// Three rankers over 20 listeners of one case: b is a little better than a for everyone, c is a.
Clusters three_rankers() {
  Clusters clusters(20, 3);
  for (int64_t i = 0; i < 20; ++i) {
    const double a = i % 2 == 0 ? 0.0 : 0.9;
    clusters.cases[static_cast<size_t>(i)] = 1;
    clusters.of(i)[0] = a;
    clusters.of(i)[1] = a + 0.01;
    clusters.of(i)[2] = a;
  }
  return clusters;
}

TEST(Pairs, SeeASmallDifferenceThatEveryListenerHas) {
  const auto pairs = compare_pairs({{"a", "ndcg@10"}, {"b", "ndcg@10"}, {"c", "ndcg@10"}}, three_rankers(), 1000, 1);
  ASSERT_EQ(pairs.size(), 3u);
  EXPECT_EQ(pairs[0].a, "a");
  EXPECT_EQ(pairs[0].b, "b");
  EXPECT_NEAR(pairs[0].difference, -0.01, 1e-12);
  EXPECT_NEAR(pairs[0].low, -0.01, 1e-12);
  EXPECT_NEAR(pairs[0].high, -0.01, 1e-12);
  EXPECT_DOUBLE_EQ(pairs[0].p, 2.0 / 1001);
  EXPECT_DOUBLE_EQ(pairs[0].p_holm, 6.0 / 1001);
  EXPECT_DOUBLE_EQ(pairs[1].p_holm, 1);  // a and c are the same
}

TEST(Pairs, CompareOnlyWithinAMetric) {
  Clusters clusters(4, 4);
  clusters.cases = {1, 1, 1, 1};
  const auto pairs =
      compare_pairs({{"a", "ndcg@10"}, {"a", "recall@10"}, {"b", "ndcg@10"}, {"b", "recall@10"}}, clusters, 10, 1);
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[0].metric, "ndcg@10");
  EXPECT_EQ(pairs[1].metric, "recall@10");
}

TEST(Pairs, DrawOftenEnoughThatALargeTableCanHaveSignificantRows) {
  constexpr int64_t rankers = 14;
  Clusters clusters(12, rankers);
  std::vector<PairColumn> columns;
  for (int64_t r = 0; r < rankers; ++r) columns.push_back({fmt::format("r{}", r), "ndcg@10"});
  for (int64_t i = 0; i < clusters.size(); ++i) {
    clusters.cases[static_cast<size_t>(i)] = 1;
    for (int64_t r = 0; r < rankers; ++r) clusters.of(i)[r] = 0.1 * static_cast<double>(r);
  }
  for (const auto& pair : compare_pairs(columns, clusters, 100, 1)) EXPECT_LT(pair.p_holm, 0.05);
}

}  // namespace
}  // namespace segue
