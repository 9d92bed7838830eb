#include "evaluation/summary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/random.h"

namespace segue {
namespace {

/// 8 cases of 3 listeners; the last case has its target outside the catalogue.
std::vector<CaseInfo> eight_cases() {
  std::vector<CaseInfo> cases;
  for (int32_t i = 0; i < 8; ++i) {
    cases.push_back({.listener = i % 3, .repeat = i % 2 == 0, .start = i < 2, .cold = i == 7, .cold_listener = i % 3 == 2});
  }
  return cases;
}

RankerPlaces ranker(const std::string& name, const std::vector<int32_t>& above, int32_t level = 0) {
  RankerPlaces out{.name = name, .places = {}, .lists = {{"coverage@20", 0.5}}, .note = "", .seconds = 1};
  for (const int32_t a : above) out.places.push_back({.above = a, .level = level});
  return out;
}

const std::vector<int32_t> perfect{0, 0, 0, 0, 0, 0, 0, -1};
const std::vector<int32_t> mixed_up{0, 2, 6, 20, 0, 150, 9, -1};

ProtocolInfo toy() {
  ProtocolInfo protocol;
  protocol.name = "toy";
  return protocol;
}

Evaluation summary(const std::vector<RankerPlaces>& rankers, SummaryOptions options = {.candidates = 1000}) {
  return summarise(toy(), eight_cases(), rankers, options);
}

TEST(Summary, GivesAPerfectRankerOneEverywhere) {
  const auto all = summary({ranker("perfect", perfect)}).rankers[0].all;
  for (const auto& [name, value] : all.metrics) {
    const double best = name.starts_with("precision@") ? 1.0 / std::stoi(name.substr(10)) : 1.0;
    EXPECT_DOUBLE_EQ(value.mean, best) << name;
    EXPECT_DOUBLE_EQ(value.low, best) << name;
    EXPECT_DOUBLE_EQ(value.high, best) << name;
  }
  EXPECT_EQ(all.metrics.size(), 25u);
}

TEST(Summary, CountsCasesAndSays) {
  const auto protocol = summary({ranker("perfect", perfect)}).protocol;
  EXPECT_EQ(protocol.cases, 7);
  EXPECT_EQ(protocol.out_of_catalogue, 1);
  EXPECT_EQ(protocol.listeners, 3);
  EXPECT_EQ(protocol.ties, "mean_rank");
  EXPECT_EQ(protocol.intervals, "95 %, bootstrap over 3 listeners, 1000 draws");
}

TEST(Summary, AveragesOverTheRankedCasesOfEachSlice) {
  const auto result = summary({ranker("some", mixed_up)}).rankers[0];  // ranks 1 3 7 21 1 151 10
  EXPECT_DOUBLE_EQ(result.all.metrics.at("recall@10").mean, 5.0 / 7);
  EXPECT_DOUBLE_EQ(result.all.metrics.at("mrr@10").mean, (1 + 1.0 / 3 + 1.0 / 7 + 1 + 1.0 / 10) / 7);
  const auto& repeats = result.slices.at("repeat");  // ranks 1 7 1 10
  EXPECT_EQ(repeats.cases, 4);
  EXPECT_EQ(repeats.listeners, 3);
  EXPECT_DOUBLE_EQ(repeats.metrics.at("recall@5").mean, 0.5);
  EXPECT_EQ(result.slices.at("new").cases, 3);
  EXPECT_EQ(result.slices.at("start").cases, 2);
  EXPECT_EQ(result.slices.at("within").cases, 5);
  EXPECT_EQ(result.slices.at("cold_listener").cases, 2);
  EXPECT_EQ(result.slices.at("cold").cases, 0);
  EXPECT_TRUE(result.slices.at("cold").metrics.empty());
}

TEST(Summary, SortsRanksIntoBins) {
  const auto histogram = summary({ranker("some", mixed_up)}).rankers[0].rank_histogram;
  EXPECT_EQ(histogram, (std::vector<int64_t>{2, 0, 1, 2, 0, 1, 0, 1, 0, 0}));
  // Rank 2.5 is behind 2.
  const auto level = summary({ranker("level", {0, 0, 0, 0, 0, 0, 0, -1}, 3)}).rankers[0].rank_histogram;
  EXPECT_EQ(level[2], 7);
}

TEST(Summary, GivesAConstantScorerTheUniformExpectation) {
  const auto evaluation = summary({ranker("constant", perfect, 999)}, {.ties = Ties::expected, .candidates = 1000});
  for (const auto& [name, value] : evaluation.rankers[0].all.metrics) {
    EXPECT_DOUBLE_EQ(value.mean, evaluation.chance.at(name).mean) << name;
  }
}

TEST(Summary, SaysWhichMetricsAreInsideChance) {
  const auto evaluation = summary({ranker("perfect", perfect), ranker("hopeless", {900, 800, 700, 600, 500, 400, 300, -1})});
  EXPECT_TRUE(evaluation.rankers[0].inside_chance.empty());
  const auto& names = evaluation.rankers[1].inside_chance;
  EXPECT_NE(std::find(names.begin(), names.end(), "ndcg@10"), names.end());
}

TEST(Summary, ComparesEveryTwoRankers) {
  const auto pairs = summary({ranker("a", perfect), ranker("b", mixed_up), ranker("c", perfect)}).pairs;
  ASSERT_EQ(pairs.size(), 6u);  // 3 pairs, 2 metrics
  for (const auto& pair : pairs) {
    if (pair.a != "a" || pair.b != "b" || pair.metric != "recall@10") continue;
    EXPECT_DOUBLE_EQ(pair.difference, 2.0 / 7);
    EXPECT_LE(pair.low, pair.difference);
    EXPECT_GE(pair.high, pair.difference);
    EXPECT_GE(pair.p_holm, pair.p);
  }
}

TEST(Summary, IsTheSameForTheSameSeed) {
  const std::vector<RankerPlaces> rankers{ranker("some", mixed_up)};
  const auto one = summary(rankers).rankers[0].all.metrics.at("ndcg@10");
  const auto two = summary(rankers).rankers[0].all.metrics.at("ndcg@10");
  EXPECT_EQ(one.low, two.low);
  EXPECT_EQ(one.high, two.high);
}

TEST(Summary, DrawsCasesWhereThereIsOneListenerAndSaysSo) {
  std::vector<CaseInfo> cases(100);
  RankerPlaces half{.name = "half", .places = {}, .lists = {}, .note = ""};
  for (int32_t i = 0; i < 100; ++i) half.places.push_back({.above = i % 2 == 0 ? 0 : 500, .level = 0});
  const auto evaluation = summarise(toy(), cases, {half}, {.resamples = 4000, .candidates = 1000});
  EXPECT_TRUE(evaluation.protocol.intervals.find("one listener only") != std::string::npos);
  const auto recall = evaluation.rankers[0].all.metrics.at("recall@10");
  EXPECT_NEAR(recall.low, 0.5 - 1.96 * 0.05, 0.011);  // binomial: sqrt(.25 / 100)
  EXPECT_NEAR(recall.high, 0.5 + 1.96 * 0.05, 0.011);
}

TEST(Summary, RefusesRankersThatRankDifferentCases) {
  auto other = perfect;
  other[0] = -1;
  EXPECT_THROW(summary({ranker("a", perfect), ranker("b", other)}), std::invalid_argument);
  EXPECT_THROW(summary({ranker("none", std::vector<int32_t>(8, -1))}), Error);
  EXPECT_THROW(summary({}), Error);
  EXPECT_THROW(summary({ranker("a", perfect)}, {.candidates = 10, .pair_metrics = {"ndcg"}}), Error);
}

TEST(RequireSame, NamesTheFieldThatDiffers) {
  auto one = toy();
  one.cases = 7;
  auto other = one;
  require_same(one, other);
  other.cases = 8;
  try {
    require_same(one, other);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("cases is '7' in one and '8' in the other"), std::string::npos);
  }
}

}  // namespace
}  // namespace segue
