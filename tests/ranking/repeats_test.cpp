#include "ranking/repeats.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ranking/tiny.h"

namespace segue {
namespace {

using namespace testing_logs;
using Numbers = std::vector<double>;

const Log log = tiny_log({{0, 1, 0}, {0, 2, 60}, {0, 1, 120}, {1, 3, 0}}, 4);

TEST(Personal, CountsTheListenersPlays) { EXPECT_EQ(answer(Personal({log}), log, 0, 180), (Numbers{0, 2, 1, 0})); }

TEST(PersonalLatest, CountsTheLastPlaysOnly) {
  EXPECT_EQ(answer(PersonalLatest({log}, {.plays = 2}), log, 0, 180), (Numbers{0, 1, 1, 0}));
}

TEST(RepeatHours, WeighsAPlayByOneOverTheRootOfItsAge) {
  const auto scores = answer(RepeatHours({log}), log, 0, 180);
  EXPECT_NEAR(scores[1], 1 / std::sqrt(4.0) + 1 / std::sqrt(2.0), 1e-12);  // 3 hours and 1 hour old
  EXPECT_NEAR(scores[2], 1 / std::sqrt(3.0), 1e-12);
  EXPECT_EQ(scores[3], 0);
}

TEST(RepeatPlays, WeighsAPlayByOneOverTheRootOfItsDistance) {
  const auto scores = answer(RepeatPlays({log}), log, 0, 180);
  EXPECT_NEAR(scores[1], 1 / std::sqrt(3.0) + 1, 1e-12);
  EXPECT_NEAR(scores[2], 1 / std::sqrt(2.0), 1e-12);
}

TEST(RepeatPlays, CountsUnknownTracksAsDistance) {
  const RepeatPlays ranker({log});
  const auto scorer = ranker.read(-1);
  for (const int32_t track : {1, 99, -1}) scorer->hear({track, 0, 0, false});
  Scores scores(4);
  scorer->score(0, scores);
  EXPECT_NEAR(scores[1], 1 / std::sqrt(3.0), 1e-12);
}

TEST(Repeats, SumHistoriesLongerThanABlock) {
  std::vector<TinyPlay> plays;
  for (int i = 0; i < 1500; ++i) plays.push_back({0, i % 3, 0});
  const auto longer = tiny_log(plays, 3);
  double expected = 0;
  for (int distance = 3; distance <= 1500; distance += 3) expected += 1 / std::sqrt(distance);
  EXPECT_NEAR(answer(RepeatPlays({longer}), longer, 0, 0)[0], expected, 1e-9);
  EXPECT_NEAR(answer(RepeatHours({longer}), longer, 0, 0)[1], 500, 1e-9);
}

}  // namespace
}  // namespace segue
