#include "ranking/scores.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/random.h"

namespace segue {
namespace {

using Tracks = std::vector<int32_t>;

Scores scored(int64_t tracks, const std::vector<std::pair<int32_t, double>>& what) {
  Scores scores(tracks);
  for (const auto& [track, amount] : what) scores.add(track, amount);
  return scores;
}

TEST(Scores, AreClearedWithoutATrace) {
  auto scores = scored(3, {{1, 2.0}, {1, 0.5}});
  EXPECT_EQ(scores[1], 2.5);
  scores.clear();
  EXPECT_EQ(scores[1], 0.0);
  EXPECT_TRUE(scores.touched().empty());
  scores.all()[2] = 7;
  EXPECT_EQ(scores[1], 0.0);
  EXPECT_EQ(scores[2], 7.0);
}

TEST(Scores, CannotBecomeDenseAfterAnAddition) {
  auto scores = scored(3, {{1, 2.0}});
  EXPECT_THROW(scores.all(), std::logic_error);
}

// Five tracks with 9, 5, 5, 2, 0 plays; the last is no member.
const Catalogue catalogue({1, 1, 1, 1, 0}, {9, 5, 5, 2, 0});

TEST(Catalogue, OrdersByScoreThenByTrainPlays) {
  const auto scores = scored(5, {{2, 1.0}, {3, 3.0}, {4, 9.0}});
  EXPECT_EQ(catalogue.place(scores, 3).above, 0);  // track 4 is not ranked
  EXPECT_EQ(catalogue.place(scores, 2).above, 1);
  EXPECT_EQ(catalogue.place(scores, 0).above, 2);  // untouched, the most played
  EXPECT_EQ(catalogue.place(scores, 1).above, 3);
}

TEST(Catalogue, CallsTracksLevelThatAreEqualInScoreAndPlays) {
  const auto place = catalogue.place(scored(5, {}), 1);
  EXPECT_EQ(place.above, 1);
  EXPECT_EQ(place.level, 1);
}

TEST(Catalogue, TakesScoresWithinABillionthForEqual) {
  const auto scores = scored(5, {{1, 1.0}, {2, 1.0 + 5e-10}, {3, 1.0 + 1e-8}});
  const auto place = catalogue.place(scores, 1);
  EXPECT_EQ(place.above, 1);
  EXPECT_EQ(place.level, 1);
}

TEST(Catalogue, PlacesAreThoseOfComparingTrackByTrackWhateverTheScores) {
  Random random(5);
  for (int round = 0; round < 300; ++round) {
    const int32_t n = 20;
    std::vector<uint8_t> member;
    std::vector<int64_t> plays;
    Scores sparse(n), dense(n);
    const auto all = dense.all();
    for (int32_t j = 0; j < n; ++j) {
      member.push_back(random.below(4) > 0);
      plays.push_back(static_cast<int64_t>(random.below(4)));
      if (random.below(2) == 0) continue;
      all[static_cast<size_t>(j)] = static_cast<double>(random.below(5)) - 2.0;  // -2 … 2: below the untouched, too
      sparse.add(j, all[static_cast<size_t>(j)]);
    }
    const Catalogue some(member, plays);
    for (int32_t t = 0; t < n; ++t) {
      if (!some.has(t)) continue;
      int32_t above = 0, level = 0;
      for (int32_t j = 0; j < n; ++j) {
        if (j == t || !some.has(j)) continue;
        const auto its = std::pair(dense[j], plays[static_cast<size_t>(j)]);
        const auto mine = std::pair(dense[t], plays[static_cast<size_t>(t)]);
        above += its > mine;
        level += its == mine;
      }
      for (const auto* scores : {&sparse, &dense}) {
        const auto place = some.place(*scores, t);
        ASSERT_EQ(place.above, above);
        ASSERT_EQ(place.level, level);
      }
    }
  }
}

TEST(Catalogue, RanksAmongGivenCandidatesOnly) {
  const auto scores = scored(5, {{2, 1.0}, {3, 3.0}});
  const Tracks candidates{1, 2, 4};
  EXPECT_EQ(catalogue.place_among(scores, 2, candidates).above, 0);
  EXPECT_EQ(catalogue.place_among(scores, 4, candidates).above, 2);
}

TEST(Catalogue, RefusesWhatIsNotANumber) {
  const auto scores = scored(5, {{1, 1.0}, {3, std::numeric_limits<double>::quiet_NaN()}});
  EXPECT_THROW(catalogue.place(scores, 1), Error);
  EXPECT_THROW(catalogue.place(scores, 3), Error);
  EXPECT_THROW(catalogue.place_among(scores, 1, Tracks{1, 3}), Error);
  EXPECT_THROW(catalogue.best(scores, 1), Error);
}

TEST(Catalogue, GivesTheBestAndFillsUpWithTheMostPlayed) {
  const auto scores = scored(5, {{3, 1.0}, {4, 9.0}});
  EXPECT_EQ(catalogue.best(scores, 3), (Tracks{3, 0, 1}));
  EXPECT_EQ(catalogue.best(scores, 99), (Tracks{3, 0, 1, 2}));
  EXPECT_EQ(catalogue.best(scores, 2, Tracks{3, 0}), (Tracks{1, 2}));
  EXPECT_TRUE(catalogue.best(scores, 0).empty());
}

TEST(Catalogue, GivesTheSameBestOfDenseScores) {
  Scores scores(5);
  scores.all()[3] = 1.0;
  EXPECT_EQ(catalogue.best(scores, 3), (Tracks{3, 0, 1}));
}

TEST(Catalogue, PutsTracksWithoutAScoreBeforeThoseBelowZero) {
  EXPECT_EQ(catalogue.best(scored(5, {{0, -1.0}, {3, 0.0}}), 4), (Tracks{1, 2, 3, 0}));
}

}  // namespace
}  // namespace segue
