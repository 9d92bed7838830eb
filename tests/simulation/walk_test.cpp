#include "simulation/walk.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tiny_world.h"

namespace segue::simulation {
namespace {

TEST(Walk, RepeatsThreePlaysInFour) {
  const Simulation& made = whole_world();
  int64_t repeats = 0, plays = 0;
  for (const auto& own : made.plays) {
    std::set<int32_t> heard;
    for (const Play& play : own) {
      const bool repeat = !heard.insert(play.track).second;
      EXPECT_EQ(repeat, play.kind <= Kind::old_repeat);
      repeats += repeat;
      ++plays;
    }
  }
  EXPECT_GT(repeats, 0.68 * plays);
  EXPECT_LT(repeats, 0.82 * plays);
}

TEST(Walk, ReplaysGoOnWhereTheyWentOnBefore) {
  const Simulation& made = whole_world();
  std::vector<int64_t> popularity(made.world.tracks.size());
  int64_t followed = 0, own_favourite = 0, plays = 0;
  for (const auto& own : made.plays) {
    std::map<int32_t, int32_t> went_on;
    std::map<int32_t, int64_t> times;
    int32_t favourite = own.front().track;
    for (size_t i = 1; i < own.size(); ++i) {
      const int32_t last = own[i - 1].track, next = own[i].track;
      const auto guess = went_on.find(last);
      followed += guess != went_on.end() && guess->second == next;
      own_favourite += favourite == next;  // more than what is popular with all could hit
      went_on[last] = next;
      if (++times[next] > times[favourite]) favourite = next;
      ++plays;
    }
  }
  EXPECT_GT(followed, 0.3 * plays);
  EXPECT_GT(followed, 8 * own_favourite);
}

TEST(Walk, DiscoveriesAreNearToWhatWasJustHeard) {
  const Simulation& made = whole_world();
  double near = 0.0, anywhere = 0.0;
  int64_t pairs = 0;
  for (const auto& own : made.plays) {
    for (size_t i = 1; i < own.size(); ++i) {
      if (own[i].opens_session || own[i].kind != Kind::content) continue;
      const Latent& latent = made.world.tracks[own[i].track].latent;
      near += dot(latent, made.world.tracks[own[i - 1].track].latent);
      anywhere += dot(latent, made.world.tracks[own[(i * 7919) % own.size()].track].latent);
      ++pairs;
    }
  }
  EXPECT_GT(near / pairs, anywhere / pairs + 0.2);
}

TEST(Walk, StopsEarlyWhereTrackAndTasteDoNotMatch) {
  const Simulation& made = whole_world();
  int64_t plays[2] = {}, complete[2] = {};
  double wanted[2] = {};
  for (const auto& own : made.plays) {
    for (const Play& play : own) {
      const int good = play.match > 0.5f;
      ++plays[good];
      complete[good] += play.complete;
      wanted[good] += sigmoid(made.habits.completion_intercept + made.habits.completion_slope * play.match);
      EXPECT_EQ(play.complete, play.played_ms == made.world.tracks[play.track].length_ms);
    }
  }
  for (int good = 0; good < 2; ++good) EXPECT_NEAR(complete[good], wanted[good], 0.02 * plays[good]);
  EXPECT_GT(1.0 * complete[1] / plays[1], 1.0 * complete[0] / plays[0] + 0.15);
}

TEST(Walk, NobodyHearsATrackBeforeItIsReleased) {
  const Simulation& made = whole_world();
  int64_t late = 0;
  for (const auto& own : made.plays) {
    for (const Play& play : own) {
      const int64_t released_s = made.world.tracks[play.track].released_s;
      ASSERT_GE(play.start_s, released_s);
      late += released_s > 0;
    }
  }
  EXPECT_GT(late, made.options.plays / 20);
}

TEST(Walk, SessionsArePartedByMoreThanTwentyMinutesAndPlaysDoNotOverlap) {
  for (const auto& own : whole_world().plays) {
    for (size_t i = 1; i < own.size(); ++i) {
      const int64_t end_ms = own[i - 1].start_s * 1000 + own[i - 1].played_ms;
      ASSERT_GE(own[i].start_s * 1000, end_ms);
      ASSERT_EQ(own[i].opens_session, own[i].start_s - own[i - 1].start_s > silence_s);
    }
  }
}

}  // namespace
}  // namespace segue::simulation
