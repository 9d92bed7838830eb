#include "ranking/v_sknn.h"

#include <gtest/gtest.h>

#include "ranking/tiny.h"

namespace segue {
namespace {

using namespace testing_logs;

TEST(VSknn, WeighsASessionByThePlacesOfSharedTracksAndHowLongAgoTheLatestWas) {
  // The query is 1 2 3. b's session shares 1 and 2: overlap 1 + 2, the latest shared track is 2 plays back.
  const auto log = tiny_log({{0, 1, 10}, {0, 2, 11}, {0, 3, 12}, {1, 1, 0}, {1, 2, 1}, {1, 4, 2}, {2, 5, 0}}, 6);
  const auto scores = answer(VSknn({log}), log, 0, 13);
  EXPECT_NEAR(scores[4], 3.0 / 2, 1e-12);
  EXPECT_NEAR(scores[1], 3.0 / 2, 1e-12);
  EXPECT_EQ(scores[5], 0);
}

TEST(VSknn, UsesTheListenersEarlierSessionsButNotTheOneHeIsIn) {
  const auto log = tiny_log({{0, 1, 0}, {0, 2, 1}, {0, 1, 90, true}, {0, 3, 91}, {0, 1, 92}}, 4);
  const auto scores = answer(VSknn({log}), log, 0, 93);
  EXPECT_NEAR(scores[2], 3, 1e-12);  // track 1 stands at place 3, where it was played last, one play back
  EXPECT_EQ(scores[3], 0);
}

TEST(VSknn, DoesNotKnowTheListenersTrainPlaysBeforeTheyAreHeard) {
  const auto log = tiny_log({{0, 1, 0}, {0, 2, 1}, {0, 1, 90, true}, {0, 3, 91}, {0, 0, 180, true}}, 4);
  EXPECT_EQ(answer(VSknn({log}), log, 0, 3, 90)[3], 0);
}

TEST(VSknn, LooksOnlyAtTheTrainPartOfOtherSessions) {
  const auto log = tiny_log({{0, 1, 5}, {1, 1, 0}, {1, 2, 1}, {1, 3, 2, false, Part::val}}, 4);
  const auto scores = answer(VSknn({log}), log, 0, 6);
  EXPECT_EQ(scores[2], 1);
  EXPECT_EQ(scores[3], 0);
}

TEST(VSknn, TakesTheSessionsNearestInTime) {
  const auto log = tiny_log({{0, 1, 100}, {1, 1, 0}, {1, 2, 1}, {2, 1, 99}, {2, 3, 99}}, 4);
  const auto scores = answer(VSknn({log}, {.sample = 1}), log, 0, 101);
  EXPECT_EQ(scores[2], 0);
  EXPECT_EQ(scores[3], 1);
}

TEST(VSknn, TakesTheLowerSessionNumberOfSessionsEquallyNear) {
  const auto log = tiny_log({{0, 1, 0}, {0, 2, 1}, {1, 1, 0}, {1, 3, 1}, {2, 1, 9}}, 4);
  const auto scores = answer(VSknn({log}, {.sample = 1}), log, 2, 10);
  EXPECT_EQ(scores[2], 1);
  EXPECT_EQ(scores[3], 0);
}

}  // namespace
}  // namespace segue
