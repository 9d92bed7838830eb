#include "ranking/popular.h"

#include <gtest/gtest.h>

#include "ranking/tiny.h"

namespace segue {
namespace {

using namespace testing_logs;
using Numbers = std::vector<double>;

constexpr int64_t fortnight = 14 * 24 * 60;  // minutes

TEST(Popular, CountsOnlyWhatItMayLearnFrom) {
  const auto log = tiny_log({{0, 1, 0}, {0, 1, 1}, {0, 2, 2, false, Part::val}, {1, 1, 0}}, 3);
  EXPECT_EQ(answer(Popular({log}), log, 0, 0, 9), (Numbers{0, 3, 0}));
}

TEST(RecentlyPopular, HalvesAPlayEveryFortnight) {
  const auto log = tiny_log({{0, 1, 0}, {1, 2, fortnight}, {1, 2, fortnight}}, 3);
  const auto scores = answer(RecentlyPopular({log}), log, 0, 0, 2 * fortnight);
  EXPECT_NEAR(scores[2] / scores[1], 4.0, 1e-12);
}

TEST(RecentlyPopular, CountsPlaysOfAnyPartBeforeTheQuestionAndNoneAtItsMoment) {
  const auto log = tiny_log({{0, 1, 0}, {0, 2, 5, false, Part::test}, {0, 0, 9, false, Part::test}}, 3);
  const auto scores = answer(RecentlyPopular({log}), log, 0, 0, 9);
  EXPECT_GT(scores[2], 0);
  EXPECT_EQ(scores[0], 0);
}

TEST(RecentlyPopular, SpansALifetimeWithoutOverflow) {
  const auto log = tiny_log({{0, 1, 0}, {0, 2, 1800 * fortnight}, {0, 1, 1801 * fortnight}}, 3);
  const auto scores = answer(RecentlyPopular({log}), log, 0, 0, 1802 * fortnight);
  EXPECT_NEAR(scores[1] / scores[2], 2.0, 1e-12);
}

TEST(RecentlyPopular, CanBeAskedBackwards) {
  const auto log = tiny_log({{0, 1, 0}, {0, 2, 5}}, 3);
  const RecentlyPopular ranker({log});
  const auto scorer = ranker.read(-1);
  Scores late(3), early(3);
  scorer->score(9 * 60'000, late);
  scorer->score(3 * 60'000, early);
  EXPECT_GT(late[2], 0);
  EXPECT_EQ(early[2], 0);
  EXPECT_GT(early[1], 0);
}

}  // namespace
}  // namespace segue
