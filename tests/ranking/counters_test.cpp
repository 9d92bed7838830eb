#include "ranking/counters.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "ranking/tiny.h"

namespace segue {
namespace {

using namespace testing_logs;

/// Listeners who play the tracks 0 … 9 round and round, with a slip to any other now and then.
Log rounds(bool with_gate) {
  Random random(3);
  std::vector<TinyPlay> plays;
  for (int who = 0; who < 4; ++who) {
    int32_t track = 0;
    for (int i = 0; i < 200; ++i) {
      const Part part = i < 150 ? Part::fit : i < 180 ? (with_gate ? Part::gate : Part::fit) : Part::test;
      plays.push_back({who, track, i * 3 + who, i % 25 == 0, part});
      track = random.below(8) == 0 ? static_cast<int32_t>(random.below(30)) : (track + 1) % 10;
    }
  }
  return tiny_log(plays, 30);
}

TEST(Counters, LearnsToFollowListenersWhoPlayRounds) {
  const auto log = rounds(true);
  const Counters counters({log});
  const auto scorer = counters.read(0);
  const Catalogue catalogue(log.in_catalogue, std::vector<int64_t>(30, 1));
  Scores scores(30);
  int right = 0, asked = 0;
  for (int64_t i = 0; i < log.first[1]; ++i) {
    const auto now = static_cast<size_t>(i);
    if (log.part[now] == Part::test && log.track[now - 1] < 9) {
      scores.clear();
      scorer->score(asked_at(log, {0, i, i}), scores);
      right += catalogue.best(scores, 1)[0] == log.track[now - 1] + 1;
      ++asked;
    }
    scorer->hear(heard(log, i));
  }
  EXPECT_GT(right, asked * 0.9);
}

TEST(Counters, SaysWhatItLearned) {
  const auto log = rounds(true);
  const auto note = Counters({log}).note();
  EXPECT_NE(note.find("questions"), std::string::npos) << note;
  EXPECT_NE(note.find("follow"), std::string::npos) << note;
}

TEST(Counters, MixesWithFixedWeightsWhereThereIsNoGatePart) {
  const auto log = rounds(false);
  const Counters counters({log});
  EXPECT_EQ(counters.note().rfind("no gate part", 0), 0u) << counters.note();
  EXPECT_GT(answer(counters, log, 0, 601)[1], 0);
  const auto gated = rounds(true);
  EXPECT_EQ(Counters({gated, Part::gate}).note().rfind("no gate part", 0), 0u);
}

TEST(Counters, RanksWhatIsNoCandidateBelowWhatIs) {
  const auto log = rounds(true);
  Counters::Options few;
  few.candidates = 1;
  const auto all = answer(Counters({log}), log, 0, 601), some = answer(Counters({log}, few), log, 0, 601);
  for (size_t j = 0; j < all.size(); ++j) EXPECT_EQ(all[j] > 0, some[j] > 0) << j;
}

}  // namespace
}  // namespace segue
