#include "evaluation/auc.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/parallel.h"

namespace segue {
namespace {

std::optional<Estimate> auc_of(const std::vector<double>& said, const std::vector<uint8_t>& yes, std::vector<int32_t> listener = {}, int64_t draws = 100) {
  if (listener.empty()) listener.assign(said.size(), 0);
  return auc({said, yes, listener}, draws, 1);
}

TEST(Auc, IsHowOftenAYesStandsAboveANo) {
  EXPECT_DOUBLE_EQ(auc_of({1, 2, 3, 4}, {0, 0, 1, 1})->mean, 1);
  EXPECT_DOUBLE_EQ(auc_of({4, 3, 2, 1}, {0, 0, 1, 1})->mean, 0);
  EXPECT_DOUBLE_EQ(auc_of({1, 2, 3, 4}, {0, 1, 0, 1})->mean, 0.75);  // of four pairs that of the second with the third is wrong
  EXPECT_DOUBLE_EQ(auc_of({30, -5, 7, 0.5}, {1, 1, 0, 0})->mean, 0.5);
}

TEST(Auc, CountsTiesHalf) {
  EXPECT_DOUBLE_EQ(auc_of({5, 5, 5}, {0, 1, 1})->mean, 0.5);
  EXPECT_DOUBLE_EQ(auc_of({1, 1, 2}, {0, 1, 1})->mean, 0.75);  // ½ and 1 of two pairs
}

TEST(Auc, IsNothingWhereAllAnswersAreTheSame) {
  EXPECT_FALSE(auc_of({1, 2}, {1, 1}));
  EXPECT_FALSE(auc_of({1, 2}, {0, 0}));
  EXPECT_FALSE(auc_of({}, {}));
}

/// Each listener's own pair is right, the lower one's stands below the other's: alone 1, together three pairs of four.
TEST(Auc, DrawsListenersForItsInterval) {
  const auto two = auc_of({9, 1, 0.2, 0.1}, {1, 0, 1, 0}, {0, 0, 1, 1}, 1000);
  EXPECT_DOUBLE_EQ(two->mean, 0.75);
  EXPECT_DOUBLE_EQ(two->low, 0.75);
  EXPECT_DOUBLE_EQ(two->high, 1);
  const auto crossed = auc_of({9, 1, 0.1, 0.2}, {1, 0, 1, 0}, {0, 0, 1, 1}, 1000);  // the second one's is wrong
  EXPECT_DOUBLE_EQ(crossed->mean, 0.5);
  EXPECT_DOUBLE_EQ(crossed->low, 0);
  EXPECT_DOUBLE_EQ(crossed->high, 1);
}

TEST(Auc, DrawsQuestionsOfASingleListener) {
  const auto one = auc_of({1, 2, 3, 4, 5, 6}, {0, 1, 0, 1, 0, 1}, {}, 1000);
  EXPECT_LT(one->low, one->mean);
  EXPECT_GT(one->high, one->mean);
}

TEST(Auc, DoesNotDependOnTheNumberOfThreads) {
  std::vector<double> said;
  std::vector<uint8_t> yes;
  std::vector<int32_t> listener;
  for (int i = 0; i < 300; ++i) {
    said.push_back(i * 37 % 101);
    yes.push_back(i * i % 7 < 3 ? 1 : 0);
    listener.push_back(i % 12);
  }
  set_threads(1);
  const auto one = auc({said, yes, listener}, 200, 5);
  set_threads(3);
  const auto three = auc({said, yes, listener}, 200, 5);
  set_threads(0);
  EXPECT_EQ(one->low, three->low);
  EXPECT_EQ(one->high, three->high);
}

TEST(Auc, RefusesWhatIsNoNumber) {
  EXPECT_THROW(auc_of({1, std::numeric_limits<double>::quiet_NaN()}, {0, 1}), std::invalid_argument);
  EXPECT_THROW(auc_of({1, 2}, {0}), std::invalid_argument);
}

}  // namespace
}  // namespace segue
