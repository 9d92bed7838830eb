#include "sessions/core_set.h"

#include <gtest/gtest.h>

namespace segue {
namespace {

/// The set of a log of one session a listener, all of it train.
CoreSet core_of(const std::vector<std::vector<int32_t>>& plays, int32_t tracks, const Protocol::Sessions& rules) {
  std::vector<int64_t> first{0};
  std::vector<int32_t> track;
  for (const auto& of_listener : plays) {
    track.insert(track.end(), of_listener.begin(), of_listener.end());
    first.push_back(static_cast<int64_t>(track.size()));
  }
  const std::vector<int32_t> session(track.size(), 1);
  return core_set(first, track, session, std::vector<Part>(track.size(), Part::fit), tracks, rules);
}

constexpr Protocol::Sessions rules(int64_t min_user, int64_t min_track) {
  return {.min_user = min_user, .min_track = min_track, .session = 1, .min_sessions = 0};
}

TEST(CoreSet, LosesInRoundsWhatHangsOnWhatItLost) {
  // Track 3 is too rare; without it listener 1 has too few plays; without him track 2 is too rare; listener 0 stays.
  const auto core = core_of({{0, 1, 0, 1, 2}, {2, 2, 3}}, 4, rules(3, 2));
  EXPECT_EQ(core.user, (std::vector<uint8_t>{1, 0}));
  EXPECT_EQ(core.track, (std::vector<uint8_t>{1, 1, 0, 0}));
  EXPECT_EQ(core.rows, 4);
}

TEST(CoreSet, CountsRepeats) {
  const auto core = core_of({{0, 0, 0}}, 1, rules(3, 3));
  EXPECT_EQ(core.tracks, 1);
  EXPECT_EQ(core.users, 1);
}

TEST(CoreSet, LooksAtTrainOnly) {
  const std::vector<Part> part{Part::fit, Part::gate, Part::val, Part::test};
  const auto core = core_set({0, 4}, {0, 0, 1, 1}, {1, 1, 1, 1}, part, 2, rules(1, 2));
  EXPECT_EQ(core.track, (std::vector<uint8_t>{1, 0}));
  EXPECT_EQ(core.rows, 2);
}

TEST(CoreSet, WantsLongSessionsOfPlaysThatAreInTheSet) {
  // Two sessions of three plays, but the second has only two of tracks that are in the set.
  const std::vector<int32_t> track{0, 1, 0, 0, 1, 2}, session{1, 1, 1, 2, 2, 2};
  auto wanted = rules(0, 2);
  wanted.session = 3;
  wanted.min_sessions = 2;
  EXPECT_EQ(core_set({0, 6}, track, session, std::vector<Part>(6, Part::fit), 3, wanted).users, 0);
  wanted.min_sessions = 1;
  EXPECT_EQ(core_set({0, 6}, track, session, std::vector<Part>(6, Part::fit), 3, wanted).users, 1);
}

TEST(CoreSet, HasNoTrackWithoutAPlay) { EXPECT_EQ(core_of({{0}}, 2, rules(0, 0)).track, (std::vector<uint8_t>{1, 0})); }

}  // namespace
}  // namespace segue
