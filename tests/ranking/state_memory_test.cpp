#include "ranking/state_memory.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "ranking/tiny.h"

namespace segue {
namespace {

using namespace testing_logs;

/// A model whose state is the last track heard, as a vector with one 1.
VectorModel last_track(const Log& log) {
  VectorModel model;
  model.width = log.tracks;
  model.known.assign(static_cast<size_t>(log.tracks), 1);
  model.states = [&log](std::span<const Asked> asked) {
    const auto N = static_cast<size_t>(log.tracks);
    std::vector<float> states(asked.size() * N);
    for (size_t q = 0; q < asked.size(); ++q) {
      if (asked[q].to > asked[q].from) states[q * N + static_cast<size_t>(log.track[static_cast<size_t>(asked[q].to - 1)])] = 1;
    }
    return states;
  };
  return model;
}

std::vector<TrackShares> recalled_by(const Log& log, const std::vector<Asked>& asked, const StateMemory& options) {
  const auto model = last_track(log);
  return recalled(model, log, asked, model.states(asked), options);
}

Log walk() {  // 0 1 2 0 3 0 1 0
  std::vector<TinyPlay> plays;
  for (const int32_t track : {0, 1, 2, 0, 3, 0, 1, 0}) plays.push_back({0, track, std::ssize(plays)});
  return tiny_log(plays, 4);
}

TEST(StateMemory, SaysWhatFollowedTheNearestStates) {
  const Log log = walk();
  const auto shares = recalled_by(log, {{0, 0, 8, 0}}, {.nearest = 3, .sharpness = 20, .fade = 0}).front();
  ASSERT_EQ(shares.size(), 2u);  // after 0 came 1, 3 and 1
  EXPECT_EQ(shares[0].first, 1);
  EXPECT_NEAR(shares[0].second, 2.0 / 3, 1e-9);
  EXPECT_EQ(shares[1].first, 3);
  EXPECT_NEAR(shares[1].second, 1.0 / 3, 1e-9);
}

TEST(StateMemory, CountsFartherStatesAndOlderPlacesLess) {
  const Log log = walk();
  const auto all = recalled_by(log, {{0, 0, 8, 0}}, {.nearest = 100, .sharpness = std::log(2.0), .fade = 1}).front();
  // Places 0 … 6 are 7 … 1 plays ago; those after track 0 (0, 3, 5) count double.
  const double of_0 = 1.0 / 5 / 2 + 1.0 / 3 / 2 + 1.0 / 1 / 2, of_1 = 2.0 / 7 / 2 + 2.0 / 2 / 2, of_2 = 1.0 / 6 / 2, of_3 = 2.0 / 4 / 2;
  const double sum = of_0 + of_1 + of_2 + of_3;
  ASSERT_EQ(all.size(), 4u);
  EXPECT_NEAR(all[0].second, of_0 / sum, 1e-6);
  EXPECT_NEAR(all[1].second, of_1 / sum, 1e-6);
  EXPECT_NEAR(all[2].second, of_2 / sum, 1e-6);
  EXPECT_NEAR(all[3].second, of_3 / sum, 1e-6);
}

TEST(StateMemory, KnowsNothingOfWhatIsToCome) {
  const Log log = walk();
  const auto both = recalled_by(log, {{0, 0, 4, 0}, {0, 0, 8, 0}, {0, 0, 1, 0}, {0, 0, 0, 0}}, {.nearest = 1});
  ASSERT_EQ(both[0].size(), 1u);
  EXPECT_EQ(both[0].front().first, 1);  // all that ever followed track 0 by then
  EXPECT_TRUE(both[2].empty()) << "one play has nothing behind it";
  EXPECT_TRUE(both[3].empty());
}

TEST(StateMemory, DoesNotReachBeforeWhatIsKnown) {
  const Log log = walk();
  const auto shares = recalled_by(log, {{0, 3, 8, 0}}, {.nearest = 2, .fade = 0}).front();
  EXPECT_EQ(std::accumulate(shares.begin(), shares.end(), 0.0, [](double sum, const auto& one) { return sum + one.second; }), 1.0);
  for (const auto& [track, share] : shares) EXPECT_NE(track, 2);
}

}  // namespace
}  // namespace segue
