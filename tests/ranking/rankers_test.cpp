// What every row of rankers() must do.
#include <gtest/gtest.h>

#include <cmath>

#include "core/parallel.h"
#include "core/random.h"
#include "ranking/tiny.h"

namespace segue {
namespace {

using namespace testing_logs;

constexpr int64_t tracks = 40;
constexpr int listeners = 5, plays_each = 120, ask_at = 100;  // within a listener's plays

/// Random plays; those from `changed_from` on, of the listeners that `changes` names, depend on `change`.
Log random_log(int changed_from = plays_each, uint64_t change = 0, int only = -1) {
  Random same(11), other(12, change);
  std::vector<TinyPlay> plays;
  for (int who = 0; who < listeners; ++who) {
    for (int i = 0; i < plays_each; ++i) {
      const auto drawn = static_cast<int32_t>(same.below(4) == 0 ? same.below(tracks) : (i + who) % 9);
      const auto changed = static_cast<int32_t>(other.below(tracks));
      const bool replace = change != 0 && i >= changed_from && (only < 0 || only == who);
      const Part part = i < 60 ? Part::fit : i < 80 ? Part::gate : i < 90 ? Part::val : Part::test;
      plays.push_back({who, replace ? changed : drawn, i * 4, i % 15 == 0, part});
    }
  }
  return tiny_log(plays, tracks);
}

std::vector<double> answer_of(const std::string& name, const Log& log, int32_t who, uint64_t seed = 1) {
  const auto ranker = rankers().at(name)({log, Part::val, seed});
  return answer(*ranker, log, who, log.first[static_cast<size_t>(who)] + ask_at, ask_at * 4);
}

class EveryRanker : public testing::TestWithParam<std::string> {};

TEST_P(EveryRanker, DoesNotSeeTheListenersFuture) {
  EXPECT_EQ(answer_of(GetParam(), random_log(), 2), answer_of(GetParam(), random_log(ask_at, 1, 2), 2));
}

TEST_P(EveryRanker, DoesNotSeeWhatAnyonePlaysLater) {
  EXPECT_EQ(answer_of(GetParam(), random_log(), 2), answer_of(GetParam(), random_log(ask_at, 1), 2));
}

TEST_P(EveryRanker, AnswersTheSameWhetherItWasAskedBeforeOrNot) {
  const auto log = random_log();
  const auto ranker = rankers().at(GetParam())({log});
  const auto scorer = ranker->read(1);
  Scores scores(tracks);
  for (int64_t i = log.first[1]; i < log.first[2]; ++i) {
    const auto minute = (i - log.first[1]) * 4;
    scores.clear();
    scorer->score(minute * 60'000, scores);
    if (i % 7 == 0) {
      const auto fresh = answer(*ranker, log, 1, i, minute);
      for (int32_t j = 0; j < tracks; ++j) {
        ASSERT_DOUBLE_EQ(scores[j], fresh[static_cast<size_t>(j)]) << "track " << j << " before play " << i;
      }
    }
    scorer->hear(heard(log, i));
  }
}

TEST_P(EveryRanker, AnswersTheSameWhoeverWasReadBefore) {
  const auto log = random_log();
  const auto ranker = rankers().at(GetParam())({log});
  std::vector<std::vector<double>> before, after;
  for (int32_t who = 0; who < listeners; ++who) before.push_back(answer_of(GetParam(), log, who));
  for (const int32_t who : {3, 1, 4, 0, 2}) answer(*ranker, log, who, 5000);
  for (int32_t who = 0; who < listeners; ++who) {
    after.push_back(answer(*ranker, log, who, log.first[static_cast<size_t>(who)] + ask_at, ask_at * 4));
  }
  EXPECT_EQ(before, after);
}

TEST_P(EveryRanker, GivesScoresThatAreFiniteAndNotBelowZero) {
  for (int32_t who = 0; who < listeners; ++who) {
    for (const double score : answer_of(GetParam(), random_log(), who)) {
      EXPECT_TRUE(std::isfinite(score));
      EXPECT_GE(score, 0);
    }
  }
}

TEST_P(EveryRanker, AnswersTheSameEveryTimeAndOnAnyNumberOfThreads) {
  const auto once = answer_of(GetParam(), random_log(), 3);
  const int before = threads();
  set_threads(before == 1 ? 2 : 1);
  EXPECT_EQ(once, answer_of(GetParam(), random_log(), 3));
  set_threads(before);
}

TEST_P(EveryRanker, AnswersAListenerWithoutHistoryAndAStranger) {
  const auto log = random_log();
  const auto ranker = rankers().at(GetParam())({log});
  for (const int32_t who : {0, -1}) {
    Scores scores(tracks);
    ranker->read(who)->score(1'000'000, scores);
    for (int32_t j = 0; j < tracks; ++j) EXPECT_TRUE(std::isfinite(scores[j]));
  }
}

TEST_P(EveryRanker, TakesTracksItDoesNotKnow) {
  const auto log = random_log();
  const auto ranker = rankers().at(GetParam())({log});
  const auto scorer = ranker->read(-1);
  for (const int32_t track : {3, -1, static_cast<int32_t>(tracks), 1'000'000, -1, 3, 4, -1}) {
    scorer->hear({track, 0, 0, track == -1});
    Scores scores(tracks);
    scorer->score(1'000'000, scores);
    for (int32_t j = 0; j < tracks; ++j) EXPECT_TRUE(std::isfinite(scores[j]));
  }
}

TEST_P(EveryRanker, SurvivesALogWithoutPlaysOrTracks) {
  for (const auto& log : {Log{}, tiny_log({}, 0), tiny_log({}, 3, 2)}) {
    const auto ranker = rankers().at(GetParam())({log});
    Scores scores(log.tracks);
    const auto scorer = ranker->read(-1);
    scorer->score(0, scores);
    scorer->hear({0, 0, 0, true});
    scores.clear();
    scorer->score(0, scores);
  }
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryRanker, testing::ValuesIn(rankers().names()), [](const auto& row) {
  auto name = row.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Chance, DependsOnTheSeed) {
  EXPECT_NE(answer_of("random", random_log(), 2, 1), answer_of("random", random_log(), 2, 2));
}

}  // namespace
}  // namespace segue
