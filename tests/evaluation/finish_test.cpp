#include "evaluation/finish.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace segue {
namespace {

struct Heard {
  int32_t track;
  float completion;
  CompletionKind kind = CompletionKind::real;
  Part part = Part::fit;
};

Log log_of(const std::vector<std::vector<Heard>>& listeners, int64_t tracks) {
  Log log;
  log.tracks = tracks;
  log.first = {0};
  for (const auto& plays : listeners) {
    log.listeners.push_back("listener " + std::to_string(log.listeners.size()));
    for (const Heard& play : plays) {
      log.track.push_back(play.track);
      log.completion.push_back(play.completion);
      log.completion_kind.push_back(play.kind);
      log.part.push_back(play.part);
    }
    log.first.push_back(log.plays());
  }
  return log;
}

/// Of four plays in train of which something is known three are finished; .9 of a float is .9.
const Log some = log_of({{{0, 0.9F}, {0, 1.0F}, {1, 0.2F, CompletionKind::inferred}, {0, 0.1F, CompletionKind::unknown}, {0, 1.0F, CompletionKind::real, Part::val}},
                         {{0, 1.0F}, {1, 0.89F, CompletionKind::real, Part::val}, {2, 1.0F, CompletionKind::unknown, Part::val}}}, 3);

TEST(FinishCounters, AreSmoothedByFivePlaysOfTheMean) {
  const FinishCounters counters({some, Part::val, 1}, 0.9);
  EXPECT_DOUBLE_EQ(counters.of_track(0), (3 + 5 * 0.75) / 8);
  EXPECT_DOUBLE_EQ(counters.of_track(1), (0 + 5 * 0.75) / 6);
  EXPECT_DOUBLE_EQ(counters.of_track(2), 0.75);
  EXPECT_DOUBLE_EQ(counters.of_listener(0), (2 + 5 * 0.75) / 8);
  EXPECT_DOUBLE_EQ(counters.of_listener(1), (1 + 5 * 0.75) / 6);
}

TEST(JudgeFinish, AsksOnlyWhereItIsKnownHowFarAPlayWasHeard) {
  const std::vector<Case> cases{{0, 4, 4}, {1, 6, 6}, {1, 7, 7}};
  const auto known = with_known_completion(some, cases);
  ASSERT_EQ(known.size(), 2u);
  const auto result = judge_finish({some, Part::val, 1}, known, std::vector<double>{-1, 2}, 0.9);
  EXPECT_EQ(result.cases, 2);
  EXPECT_EQ(result.listeners, 2);
  EXPECT_DOUBLE_EQ(result.finished, 0.5);
  EXPECT_DOUBLE_EQ(result.model->mean, 0);        // the play that was not finished was said to be likelier
  EXPECT_DOUBLE_EQ(result.by_track->mean, 1);     // track 0 before track 1
  EXPECT_DOUBLE_EQ(result.by_listener->mean, 0);  // .72 of listener 0, .79 of listener 1
  const auto json = to_json(result);
  EXPECT_EQ(json["cases"], 2);
  EXPECT_EQ(json["auc"]["mean"], 0.0);
  EXPECT_EQ(json["auc_by_track"]["high"], 1.0);
}

TEST(JudgeFinish, HasNoAreaWhereAllWereFinished) {
  const auto result = judge_finish({some, Part::val, 1}, std::vector<Case>{{0, 4, 4}}, std::vector<double>{1}, 0.9);
  EXPECT_FALSE(result.model);
  EXPECT_TRUE(to_json(result)["auc"].is_null());
  EXPECT_NE(finish_text(result).find("auc – over 1 cases"), std::string::npos) << finish_text(result);
}

}  // namespace
}  // namespace segue
