#include "ranking/follow.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ranking/tiny.h"

namespace segue {
namespace {

using namespace testing_logs;

TEST(Follow, TrustsALongerMatchTenTimesMore) {
  // …0 1 2→3 … 9 2→4 … 0 1 2: after 2 came 3, with two more plays alike before it, and 4, with none.
  const auto log = tiny_log({{0, 0, 0}, {0, 1, 1}, {0, 2, 2}, {0, 3, 3}, {0, 5, 4}, {0, 2, 5}, {0, 4, 6},
                             {0, 0, 7}, {0, 1, 8}, {0, 2, 9}}, 6);
  const auto scores = answer(Follow({log}), log, 0, 10);
  EXPECT_NEAR(scores[3], 100 / std::sqrt(7.0), 1e-12);
  EXPECT_NEAR(scores[4], 1 / std::sqrt(4.0), 1e-12);
  EXPECT_EQ(scores[5], 0);
}

TEST(Follow, SeesTheSameTrackTwiceInARow) {
  const auto log = tiny_log({{0, 1, 0}, {0, 1, 1}}, 2);
  EXPECT_NEAR(answer(Follow({log}), log, 0, 2)[1], 1, 1e-12);
}

}  // namespace
}  // namespace segue
