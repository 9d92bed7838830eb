#include "ranking/echo.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ranking/tiny.h"

namespace segue {
namespace {

using namespace testing_logs;

// 0 1 2 3, then 0 and a skip to 2's place by the new track 4.
const Log log = tiny_log({{0, 0, 0}, {0, 1, 1}, {0, 2, 2}, {0, 3, 3}, {0, 0, 9}, {0, 4, 10}}, 5);

TEST(Echo, GoesOnAtTheSamePaceOverATrackThatIsNew) {
  const auto scores = answer(Echo({log}), log, 0, 11);
  // The query's only known track was heard 2 plays ago, so 2 plays ahead of its earlier place is on the pace.
  EXPECT_NEAR(scores[2], 0.5 / std::sqrt(4.0), 1e-12);
  EXPECT_NEAR(scores[1], 0.5 * 0.5 / std::sqrt(5.0), 1e-12);
  EXPECT_NEAR(scores[3], 0.5 * 0.5 / std::sqrt(3.0), 1e-12);
}

TEST(Echo, LooksBeforeThePlaceIfAsked) {
  const auto before = tiny_log({{0, 1, 0}, {0, 0, 1}, {0, 2, 2}, {0, 0, 9}}, 3);
  EXPECT_EQ(answer(Echo({before}), before, 0, 10)[1], 0);
  EXPECT_GT(answer(Echo({before}, {.before = true}), before, 0, 10)[1], 0);
}

}  // namespace
}  // namespace segue
