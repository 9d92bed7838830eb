#include "ranking/situation.h"

#include <gtest/gtest.h>

#include <cmath>

namespace segue {
namespace {

double number(const Situation::State& state, std::string_view name) {
  for (size_t s = 0; s < state.size(); ++s) {
    if (Situation::names[s] == name) return state[s];
  }
  ADD_FAILURE() << "no number " << name;
  return -1;
}

TEST(Situation, KnowsHowFarTheEndOfTheHistoryWasHeardBefore) {
  Situation situation(5);
  for (const int32_t track : {1, 2, 3, 0, 2, 3}) situation.hear({track, 0, 0, false});
  const auto state = situation.at(0);
  EXPECT_EQ(number(state, "followed"), 1);
  EXPECT_EQ(number(state, "followed twice"), 1);
  EXPECT_EQ(number(state, "followed thrice"), 0);
  EXPECT_NEAR(number(state, "repeats"), 2.0 / 6, 1e-12);
  EXPECT_NEAR(number(state, "steps known"), 1.0 / 6, 1e-12);  // 2 → 3
}

TEST(Situation, ForgetsHabitsAfterTwentyPlays) {
  Situation situation(100);
  for (int i = 0; i < 10; ++i) situation.hear({0, 0, 0, false});
  EXPECT_NEAR(number(situation.at(0), "same as last"), 0.9, 1e-12);
  for (int32_t track = 1; track <= 20; ++track) situation.hear({track, 0, 0, false});
  EXPECT_EQ(number(situation.at(0), "same as last"), 0);
}

TEST(Situation, SeesAPauseAndThePlaceInTheSession) {
  Situation situation(5);
  situation.hear({1, 0, 0, true});
  situation.hear({2, 0, 60'000, false});
  EXPECT_EQ(number(situation.at(120'000), "pause"), 0);
  EXPECT_EQ(number(situation.at(60'000 + 3'600'000), "pause"), 1);
  EXPECT_NEAR(number(situation.at(60'000 + 3'600'000), "gap"), std::log(2.0) / 5, 1e-12);
  EXPECT_NEAR(number(situation.at(120'000), "place in session"), std::log(3.0) / 5, 1e-12);
}

TEST(Situation, IsCalmAboutAStrangerAndUnknownTracks) {
  Situation situation(5);
  EXPECT_EQ(number(situation.at(0), "always"), 1);
  for (int i = 0; i < 3; ++i) situation.hear({-1, 0, 0, false});
  EXPECT_EQ(number(situation.at(0), "followed"), 0);
  EXPECT_EQ(number(situation.at(0), "steps known"), 0);
}

}  // namespace
}  // namespace segue
