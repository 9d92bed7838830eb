#include "sessions/melochron.h"

#include <gtest/gtest.h>

#include <set>

#include "evaluation/evaluate.h"
#include "evaluation/questions.h"
#include "ranking/ranker.h"
#include "sessions/quantile.h"
#include "support/logs.h"

namespace segue {
namespace {

Protocol small() {
  Protocol p = protocols().at("melochron-gts");
  p.sessions.min_track = 1;
  p.split.cold_listeners = 0;
  return p;
}

/// Ten listeners of twenty plays each, at the same seconds.
std::string ten_listeners() {
  std::string text;
  for (char who = 'a'; who < 'k'; ++who) text += lines(std::string(1, who), 0, "abcdefghijklmnopqrst");
  return text;
}

int32_t cold_listener(const Prepared& p) {
  const std::string name = p.steps.at("M3_split").at("cold_listeners").at(0);
  return static_cast<int32_t>(std::find(p.log.listeners.begin(), p.log.listeners.end(), name) - p.log.listeners.begin());
}

TEST(LinearQuantile, LiesBetweenTwoValuesAsNumpyHasIt) {
  EXPECT_DOUBLE_EQ(linear_quantile({40, 10, 20, 30}, 0.85),
                   35.5);  // python -c "import numpy; print(numpy.quantile([10, 20, 30, 40], .85))"
  EXPECT_DOUBLE_EQ(linear_quantile({40, 10, 20}, 0.5), 20);
  EXPECT_DOUBLE_EQ(linear_quantile({7}, 0.9), 7);
}

// Test from the 0.85 quantile, second 161, on; validation from the 0.9 quantile of the 17 before, second 144.
TEST(Melochron, CutsAtTheQuantileOfAllTimes) {
  const auto p = TestData(lines("ann", 0, "abcdefghijklmnopqrst")).prepare(small());
  EXPECT_EQ(parts(p.log), "ffffffffffffffgvvttt");
  EXPECT_EQ(p.val.size(), 2u);
  EXPECT_EQ(p.test.size(), 3u);
}

TEST(Melochron, KeepsColdListenersOutOfTrainAndAsksThem) {
  Protocol protocol = small();
  protocol.split.cold_listeners = 0.1;
  const auto p = TestData(ten_listeners()).prepare(protocol);
  const int32_t cold = cold_listener(p);
  const Lesson lesson{p.log};
  for (int64_t i = 0; i < p.log.plays(); ++i) {
    const bool his = i >= p.log.first[static_cast<size_t>(cold)] && i < p.log.first[static_cast<size_t>(cold) + 1];
    EXPECT_FALSE(his && lesson.learns_from(i)) << i;
  }
  EXPECT_EQ(p.train_plays(), (std::vector<int64_t>{9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 0, 0, 0}));
  const auto of_cold = [&](const Case& c) { return c.listener == cold; };
  EXPECT_EQ(std::count_if(p.val.begin(), p.val.end(), of_cold), 0);
  EXPECT_EQ(std::count_if(p.test.begin(), p.test.end(), of_cold), 3);
  const Questions questions(p, Part::test, 0, 1);
  for (size_t c = 0; c < p.test.size(); ++c) EXPECT_EQ(questions.info[c].cold_listener, of_cold(p.test[c]));
}

TEST(Melochron, HasACatalogueOfTheWholeTimeSoTracksCanBeCold) {
  Protocol protocol = small();
  protocol.sessions.min_track = 2;
  const auto p = TestData(lines("ann", 0, "abababababababababyxx")).prepare(protocol);
  std::string ranked;
  for (size_t t = 0; t < p.title.size(); ++t) {
    if (p.log.in_catalogue[t]) ranked += p.title[t];
  }
  std::sort(ranked.begin(), ranked.end());
  EXPECT_EQ(ranked, "abx");
  const Questions questions(p, Part::test, 0, 1);
  std::vector<bool> cold;
  for (const auto& info : questions.info) cold.push_back(info.cold);
  EXPECT_EQ(cold, (std::vector<bool>{false, true, true, true}));  // b, y outside the catalogue, x, x
}

TEST(Melochron, DrawsAtMostSoManyCasesByTheSeed) {
  Protocol protocol = small();
  protocol.split.cases = 2;
  const TestData folder(ten_listeners());
  std::set<std::vector<int64_t>> draws;
  for (uint32_t seed = 0; seed < 5; ++seed) {
    protocol.split.seed = seed;
    const auto p = folder.prepare(protocol);
    EXPECT_EQ(p.test.size(), 20u);
    std::vector<int64_t> targets;
    for (const auto& c : p.test) targets.push_back(c.target);
    EXPECT_TRUE(std::is_sorted(targets.begin(), targets.end()));
    draws.insert(targets);
    EXPECT_EQ(folder.prepare(protocol).data_hash, p.data_hash);
  }
  EXPECT_GT(draws.size(), 1u);
}

TEST(Melochron, LetsOnlyTheLastPlaysBeKnown) {
  Protocol protocol = small();
  protocol.split.history = 3;
  const auto p = TestData(lines("ann", 0, "abcdefghijklmnopqrst")).prepare(protocol);
  EXPECT_EQ(known_from(p.log, p.test.front()), p.test.front().target - 3);
  protocol.split.history = 19;
  EXPECT_EQ(known_from(p.log, {0, 17, 17}), 0);
}

// Of two tracks in turn only the last is known, which is the wrong one.
TEST(Melochron, IsEvaluatedOnWhatIsKnown) {
  Protocol protocol = small();
  protocol.split.history = 1;
  const TestData folder(lines("ann", 0, "abababababababababab"));
  const auto recall = [&] {
    return evaluate(folder.prepare(protocol), {.rankers = {"personal"}}).catalogue.rankers[0].all.metrics.at("recall@1").mean;
  };
  EXPECT_DOUBLE_EQ(recall(), 0);
  protocol.split.history = 0;
  EXPECT_GT(recall(), 0);
}

TEST(Melochron, IsPessimisticWhereScoresAreEqualUnlessToldOtherwise) {
  const auto p = TestData(lines("ann", 0, "abababababababababab")).prepare(small());
  EXPECT_EQ(evaluate(p, {.rankers = {"personal"}}).catalogue.protocol.ties, "pessimistic");
  EXPECT_EQ(evaluate(p, {.rankers = {"personal"}, .ties = Ties::optimistic}).catalogue.protocol.ties, "optimistic");
}

TEST(Melochron, ComesBackFromItsFiles) {
  Protocol protocol = small();
  protocol.split.history = 3;
  const TestData folder(lines("ann", 0, "abcdefghijklmnopqrst"));
  const auto p = folder.prepare(protocol);
  save(p, folder.folder());
  const auto again = load_prepared(folder.folder(), "melochron-gts");
  EXPECT_EQ(again.protocol.split.ties, "pessimistic");
  EXPECT_EQ(again.protocol.split.history, 3);
  EXPECT_EQ(again.split_text(), p.split_text());
  ASSERT_EQ(again.test.size(), p.test.size());
  EXPECT_EQ(again.test[0].history_begin, p.test[0].history_begin);
}

TEST(Melochron, RefusesASettingItDoesNotLookAt) {
  Protocol protocol = protocols().at("melochron-gts");
  const auto error = error_of([&] { protocol.configure(YAML::Load("sessions: {cap: 3}")); });
  EXPECT_NE(error.find("protocol 'melochron-gts' does not look at sessions.cap"), std::string::npos) << error;
  EXPECT_EQ(error_of([&] { protocol.configure(YAML::Load("split: {test_at: 1.5}")); }), "split.test_at: 1.5 is not between 0 and 1");
  protocol = small();
  protocol.split.cold_listeners = 0.6;
  EXPECT_NE(
      error_of([&] { TestData(lines("ann", 0, "abcdefgh")).prepare(protocol); }).find("leaves nobody to learn from"),
      std::string::npos);
}

TEST(Protocol, OfSegueRefusesASettingOfPublishedOnes) {
  Protocol protocol = protocols().at("segue");
  EXPECT_NE(
      error_of([&] { protocol.configure(YAML::Load("split: {history: 3}")); }).find("does not look at split.history"),
      std::string::npos);
}

}  // namespace
}  // namespace segue
