#include "ranking/stan.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ranking/tiny.h"

namespace segue {
namespace {

using namespace testing_logs;

constexpr int64_t day = 24 * 60;  // minutes

TEST(Stan, DecaysInTheQueryBetweenSessionsAndInsideTheSession) {
  // The query is 1 2; b's session of 30 days before is 1 3 4.
  const auto log = tiny_log({{0, 1, 30 * day}, {0, 2, 30 * day}, {1, 1, 0}, {1, 3, 1}, {1, 4, 2}}, 5);
  const Stan::Options options{.query_plays = 2, .between_days = 60, .session_places = 3};
  const auto scores = answer(Stan({log}, options), log, 0, 30 * day);
  const double session = std::exp(-1.0 / 2) * std::exp(-30.0 / 60) / std::sqrt(3.0);
  EXPECT_NEAR(scores[1], session, 1e-12);
  EXPECT_NEAR(scores[3], session * std::exp(-1.0 / 3), 1e-12);
  EXPECT_NEAR(scores[4], session * std::exp(-2.0 / 3), 1e-12);
}

TEST(Stan, PrefersTheNearerOfTwoEqualSessions) {
  const auto log = tiny_log({{0, 1, 40 * day}, {1, 1, 0}, {1, 2, 1}, {2, 1, 39 * day}, {2, 3, 39 * day}}, 4);
  const auto scores = answer(Stan({log}), log, 0, 40 * day);
  EXPECT_GT(scores[3], scores[2]);
}

}  // namespace
}  // namespace segue
