#include "sessions/last_plays.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "evaluation/evaluate.h"
#include "support/prepared_world.h"

namespace segue {
namespace {

class LastPlaysKnown : public testing::Test {
 protected:
  static void SetUpTestSuite() { world_ = new PreparedWorld(5, 3000); }
  static void TearDownTestSuite() { delete world_; }
  static const Prepared& prepared() { return world_->prepared; }
  static Evaluation evaluated(const std::vector<std::string>& names, const KnownByLastPlays& known) {
    return evaluate(known.prepared, {.rankers = names, .whole = known.whole, .known = known.text}).catalogue;
  }
  static PreparedWorld* world_;
};
PreparedWorld* LastPlaysKnown::world_ = nullptr;

TEST_F(LastPlaysKnown, AreTheSamePlaysInAnotherOrderAtTheSameTimes) {
  const KnownByLastPlays in_order(prepared(), Part::test, {.plays = 30}), shuffled(prepared(), Part::test, {.plays = 30, .shuffled = true});
  ASSERT_EQ(in_order.whole.size(), prepared().test.size());
  EXPECT_TRUE(in_order.prepared.val.empty());
  int64_t moved = 0;
  for (size_t c = 0; c < in_order.whole.size(); ++c) {
    const Case &was = in_order.whole[c], &is = shuffled.prepared.test[c];
    const auto tracks = [&](const Log& log, int64_t begin, int64_t end) { return std::vector<int32_t>(log.track.begin() + begin, log.track.begin() + end); };
    const auto whole = tracks(prepared().log, was.history_end - 30, was.history_end);
    EXPECT_EQ(tracks(in_order.prepared.log, in_order.prepared.test[c].history_begin, in_order.prepared.test[c].history_end), whole);
    auto other = tracks(shuffled.prepared.log, is.history_begin, is.history_end), sorted = whole;
    moved += other != whole;
    std::sort(other.begin(), other.end());
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(other, sorted);
    EXPECT_EQ(asked_at(shuffled.prepared.log, is), asked_at(prepared().log, was));
    EXPECT_EQ(shuffled.prepared.log.track[static_cast<size_t>(is.target)], prepared().log.track[static_cast<size_t>(was.target)]);
    EXPECT_EQ(shuffled.prepared.log.start_ms[static_cast<size_t>(is.history_begin)], prepared().log.start_ms[static_cast<size_t>(was.history_end - 30)]);
  }
  EXPECT_GT(moved, std::ssize(in_order.whole) * 9 / 10);
  EXPECT_EQ(shuffled.prepared.train_plays(), prepared().train_plays());
}

TEST_F(LastPlaysKnown, TakeFromARankerWhatItHadOfTheOrderAndNothingElse) {
  const std::vector<std::string> names{"markov", "popular", "counters"};
  const auto all = evaluate(prepared(), {.rankers = names}).catalogue, known_all = evaluated(names, {prepared(), Part::test, {.plays = 1'000'000}});
  const auto in_order = evaluated(names, {prepared(), Part::test, {.plays = 30}}), shuffled = evaluated(names, {prepared(), Part::test, {.plays = 30, .shuffled = true}});
  const auto figure = [](const Evaluation& one, size_t ranker) { return one.rankers[ranker].all.metrics.at("ndcg@10"); };
  for (size_t r = 0; r < names.size(); ++r) {
    EXPECT_DOUBLE_EQ(figure(known_all, r).mean, figure(all, r).mean) << names[r];
    EXPECT_DOUBLE_EQ(figure(known_all, r).low, figure(all, r).low) << names[r];  // over the same listeners
  }
  EXPECT_LT(figure(shuffled, 0).mean, 0.7 * figure(in_order, 0).mean);  // it goes by the last play
  EXPECT_DOUBLE_EQ(figure(shuffled, 1).mean, figure(all, 1).mean);      // it goes by none
  for (const auto& [slice, of] : all.rankers[0].slices) EXPECT_EQ(of.cases, shuffled.rankers[0].slices.at(slice).cases) << slice;
  EXPECT_NE(shuffled.protocol.split.find("the last 30 plays are known, in a random order"), std::string::npos);
}

TEST_F(LastPlaysKnown, AreAnOptionOfTheProgram) {
  const auto ran = segue_program({"evaluate", world_->path("data"), "--protocol", "segue-own", "--last", "30", "--shuffled", "--ranker", "markov", "--json", "--quiet"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.json()["protocol"]["split"].get<std::string>().find("in a random order"), std::string::npos);
  EXPECT_EQ(segue_program({"evaluate", world_->path("data"), "--protocol", "segue-own", "--shuffled"}).code, 2);
  const auto refused = segue_program({"evaluate", world_->path("data"), "--protocol", "segue-own", "--last", "30", "--ranker", "recently-popular"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("goes by what everybody plays"), std::string::npos);
}

}  // namespace
}  // namespace segue
