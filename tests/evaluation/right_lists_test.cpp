#include <gtest/gtest.h>

#include "evaluation/chance.h"
#include "evaluation/metrics.h"

namespace segue {
namespace {

TEST(MeasuresOfList, OfOneRightTrackAreTheMeasuresOfItsRank) {
  const auto values = measures_of_list({0, 0, 1, 0}, 1);
  ASSERT_EQ(values.size(), measures().size());
  for (size_t i = 0; i < values.size(); ++i) EXPECT_DOUBLE_EQ(values[i], measures()[i].metric(3, measures()[i].k)) << measures()[i].name;
}

TEST(ChanceOfLists, IsPerfectWhereEveryTrackIsRight) {
  const auto chance = chance_level_of_lists({{5, 5}, {5, 5}}, 5, 1);
  EXPECT_DOUBLE_EQ(chance.at("recall@5").mean, 1);
  EXPECT_DOUBLE_EQ(chance.at("ndcg@5").low, 1);
}

TEST(ChanceOfLists, FindsAsManyAsThereAre) {
  const auto chance = chance_level_of_lists(std::vector<Right>(400, {20, 10}), 100, 1);
  EXPECT_NEAR(chance.at("precision@10").mean, 0.1, 0.002);  // 10 of 100 are right and ranked
  EXPECT_NEAR(chance.at("recall@20").mean, 0.1, 0.002);     // 2 of 20 found
  EXPECT_NEAR(chance.at("recall@100").mean, 0.5, 1e-9);
}

}  // namespace
}  // namespace segue
