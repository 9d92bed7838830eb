#include "ranking/markov.h"

#include <gtest/gtest.h>

#include "ranking/tiny.h"

namespace segue {
namespace {

using namespace testing_logs;
using Numbers = std::vector<double>;

TEST(Markov, CountsWhatCameNextInsideSessions) {
  // Listener b goes 1 → 2 twice, and 1 → 3 over the border of a session; a has just heard 1.
  const auto log = tiny_log({{0, 1, 0}, {1, 1, 0}, {1, 2, 1}, {1, 1, 2}, {1, 2, 3}, {1, 1, 4}, {1, 3, 90, true}}, 4);
  EXPECT_EQ(answer(Markov({log}), log, 0, 9), (Numbers{0, 0, 2, 0}));
}

TEST(Markov, CountsTheListenersOwnStepsOnceAndOnlyWhenTheyWereHeard) {
  const auto log = tiny_log({{0, 1, 0}, {0, 2, 1}, {0, 1, 2}, {0, 3, 3}, {0, 1, 4}}, 4);
  const Markov ranker({log});
  EXPECT_EQ(answer(ranker, log, 0, 5, 9), (Numbers{0, 0, 1, 1}));
  EXPECT_EQ(answer(ranker, log, 0, 3, 9), (Numbers{0, 0, 1, 0}));
}

TEST(Markov, LearnsFromOthersOnlyWhereBothPlaysAreInTrain) {
  const auto log = tiny_log({{0, 1, 0}, {1, 1, 0}, {1, 2, 1, false, Part::val}}, 3);
  EXPECT_EQ(answer(Markov({log}), log, 0, 9), (Numbers{0, 0, 0}));
  EXPECT_EQ(answer(Markov({log, Part::test}), log, 0, 9), (Numbers{0, 0, 1}));
}

}  // namespace
}  // namespace segue
