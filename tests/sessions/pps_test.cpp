#include "sessions/pps.h"

#include <gtest/gtest.h>

#include <cmath>

#include "evaluation/evaluate.h"
#include "support/logs.h"

namespace segue {
namespace {

Protocol small(int64_t tracks = 3) {
  Protocol p = protocols().at("pps-gts");
  p.sessions.tracks = tracks;
  p.split.test_at = 0.5;
  return p;
}

// Test from play 4 of 8 on; validation from play floor(0.9 * 4) = 3 on.
TEST(Pps, FindsAllThatIsPlayedAfterTheCutRight) {
  const auto p = TestData(lines("ann", 0, "aaabacca")).prepare(small());
  EXPECT_EQ(parts(p.log), "fffvtttt");
  ASSERT_EQ(p.test.size(), 1u);
  EXPECT_EQ(p.test[0].history_end, 4);
  std::string right;
  for (const int32_t track : p.test_relevant.at(0)) right += p.title[static_cast<size_t>(track)];
  EXPECT_EQ(right, "ac");
  EXPECT_EQ(p.val_relevant.at(0).size(), 1u);
}

// `personal` lists a, b; right are a and c, and c is not ranked.
TEST(Pps, JudgesTheListAgainstAllThatIsRight) {
  const TestData folder(lines("ann", 0, "aaabacca"));
  save(folder.prepare(small()), folder.folder());
  const auto result = evaluate(load_prepared(folder.folder(), "pps-gts"), {.rankers = {"personal"}});
  const auto& personal = result.catalogue.rankers[0];
  EXPECT_DOUBLE_EQ(personal.all.metrics.at("ndcg@10").mean, 1 / (1 + 1 / std::log2(3)));
  EXPECT_DOUBLE_EQ(personal.all.metrics.at("recall@10").mean, 0.5);
  EXPECT_DOUBLE_EQ(personal.all.metrics.at("precision@5").mean, 0.2);
  EXPECT_DOUBLE_EQ(personal.all.metrics.at("mrr@1").mean, 1);
  EXPECT_DOUBLE_EQ(personal.lists.at("ndcg@40"), personal.all.metrics.at("ndcg@100").mean);
  EXPECT_FALSE(result.everything);
  EXPECT_THROW(evaluate(folder.prepare(small()), {.rankers = {"personal"}, .negatives = 1}), Error);
}

TEST(Pps, LeavesOutWhoHasNoPlayOnOneSide) {
  const auto p = TestData(lines("ann", 0, "aaabacca") + lines("bob", 0, "bbb") + lines("cyd", 40, "bbb")).prepare(small());
  EXPECT_EQ(p.log.listeners, std::vector<std::string>{"ann"});
}

TEST(Pps, DrawsTracksByTheirPlaysAndTheSeed) {
  const auto p = TestData(lines("ann", 0, "aaaaaaaaaaaabaaaaaaaaaaac")).prepare(small(1));
  EXPECT_EQ(p.log.tracks, 1);
  EXPECT_EQ(p.title[0], "a");
  EXPECT_NE(error_of([&] { TestData(lines("ann", 0, "ab")).prepare(small()); }).find("draws 3 tracks, but only 2"), std::string::npos);
}

}  // namespace
}  // namespace segue
