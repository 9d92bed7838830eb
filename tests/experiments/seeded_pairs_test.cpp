#include "experiments/seeded_pairs.h"

#include <gtest/gtest.h>

#include "experiments/conclusions.h"

namespace segue {
namespace {

constexpr int32_t far = 500;

/// Two cases of each of four listeners.
std::vector<CaseInfo> eight_cases() {
  std::vector<CaseInfo> cases;
  for (int32_t i = 0; i < 8; ++i) cases.push_back({.listener = i / 2, .repeat = i % 2 == 0});
  return cases;
}

RankerPlaces places(const std::vector<int32_t>& above) {
  RankerPlaces out{.name = "", .places = {}, .lists = {}, .note = ""};
  for (const int32_t a : above) out.places.push_back({a, 0});
  return out;
}

const RankerPlaces right = places({0, 0, 0, 0, 0, 0, 0, 0}), wrong = places({far, far, far, far, far, far, far, far});
const RankerPlaces repeats = places({0, far, 0, far, 0, far, 0, far});

SeededSums sums_of(size_t seeds) {
  std::vector<size_t> ranked{0, 1, 2, 3, 4, 5, 6, 7};
  return SeededSums(eight_cases(), ranked, {"model+counters", "counters"}, seeds);
}

std::vector<SeededPair> compared(const SeededSums& sums) {
  std::vector<uint64_t> seeds;
  for (size_t s = 0; s < sums.seeds(); ++s) seeds.push_back(11 + s);
  return compare_seeded(sums, seeds, {{{"model+counters", "counters"}}, {"ndcg@10"}});
}

TEST(SeededSums, AverageOverSeedsAndSlices) {
  auto sums = sums_of(2);
  sums.add("model+counters", 0, right, Ties::mean_rank);
  sums.add("model+counters", 1, repeats, Ties::mean_rank);
  const auto all = sums.results("", 1000, 1)[0], fresh = sums.results("new", 1000, 1)[0];
  EXPECT_DOUBLE_EQ(all.metrics.at("recall@10").mean, 0.75);  // (8/8 + 4/8) / 2
  EXPECT_DOUBLE_EQ(all.metrics.at("recall@10").low, 0.5);    // the second seed twice
  EXPECT_DOUBLE_EQ(all.metrics.at("recall@10").high, 1);
  EXPECT_EQ(fresh.cases, 4);
  EXPECT_DOUBLE_EQ(fresh.metrics.at("recall@10").mean, 0.5);
  EXPECT_DOUBLE_EQ(sums.results("repeat", 1000, 1)[0].metrics.at("ndcg@10").low, 1);
  EXPECT_TRUE(sums.results("", 1000, 1)[1].metrics.empty());  // nothing of the counters was added
}

TEST(SeededPairs, ClaimWhatHoldsInEveryOfFiveSeeds) {
  auto sums = sums_of(5);
  for (size_t s = 0; s < 5; ++s) {
    sums.add("model+counters", s, right, Ties::mean_rank);
    sums.add("counters", s, repeats, Ties::mean_rank);
  }
  const auto pair = compared(sums).at(0);
  EXPECT_DOUBLE_EQ(pair.pair.difference, 0.5);
  EXPECT_DOUBLE_EQ(pair.pair.low, 0.5);  // each listener has one case of two more
  EXPECT_DOUBLE_EQ(pair.pair.p, 2.0 / 1001);
  EXPECT_DOUBLE_EQ(pair.by_seed.at(15), 0.5);
  EXPECT_TRUE(pair.same_sign);
  EXPECT_TRUE(pair.claimed) << pair.why_not;
}

TEST(SeededPairs, ClaimNothingOfFewerSeeds) {
  auto sums = sums_of(4);
  for (size_t s = 0; s < 4; ++s) {
    sums.add("model+counters", s, right, Ties::mean_rank);
    sums.add("counters", s, wrong, Ties::mean_rank);
  }
  const auto pair = compared(sums).at(0);
  EXPECT_TRUE(pair.same_sign);
  EXPECT_FALSE(pair.claimed);
  EXPECT_EQ(pair.why_not, "4 seed(s); 5 are wanted");
}

TEST(SeededPairs, ClaimNothingWhereASeedSaysOtherwise) {
  auto sums = sums_of(6);
  for (size_t s = 0; s < 6; ++s) {
    sums.add("model+counters", s, s == 3 ? wrong : right, Ties::mean_rank);
    sums.add("counters", s, repeats, Ties::mean_rank);
  }
  const auto pair = compared(sums).at(0);
  EXPECT_DOUBLE_EQ(pair.pair.difference, (5 * 0.5 - 0.5) / 6);
  EXPECT_FALSE(pair.same_sign);
  EXPECT_FALSE(pair.claimed);
}

TEST(SeededPairs, ClaimNothingWhereASeedIsMissing) {
  auto sums = sums_of(6);
  for (size_t s = 0; s < 6; ++s) {
    if (s != 2) sums.add("model+counters", s, right, Ties::mean_rank);  // that run failed
    sums.add("counters", s, wrong, Ties::mean_rank);
  }
  const auto pair = compared(sums).at(0);
  EXPECT_EQ(pair.by_seed.size(), 5u);
  EXPECT_DOUBLE_EQ(pair.pair.difference, 1);
  EXPECT_EQ(pair.why_not, "5 of 6 seeds have a result");
}

TEST(SeededPairs, AreCorrectedTogether) {
  auto sums = sums_of(5);
  for (size_t s = 0; s < 5; ++s) {
    sums.add("model+counters", s, right, Ties::mean_rank);
    sums.add("counters", s, wrong, Ties::mean_rank);
  }
  const auto pairs = compare_seeded(sums, {1, 2, 3, 4, 5}, {{{"model+counters", "counters"}}, {"ndcg@10", "recall@10"}});
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_DOUBLE_EQ(pairs[0].pair.p_holm, 2 * 2.0 / 1001);
  EXPECT_EQ(pairs[1].pair.metric, "recall@10");
}

TEST(SeededPairs, WeighRankersInTheSeedsThatAllOfThemHave) {
  std::vector<size_t> ranked{0, 1, 2, 3, 4, 5, 6, 7};
  SeededSums sums(eight_cases(), ranked, {"a", "b", "c"}, 2);
  sums.add("a", 0, right, Ties::mean_rank);
  sums.add("b", 0, repeats, Ties::mean_rank);
  sums.add("c", 0, wrong, Ties::mean_rank);
  sums.add("a", 1, right, Ties::mean_rank);
  sums.add("b", 1, right, Ties::mean_rank);  // c failed under the second seed
  const Contrast mean("a, b", "c", "letters", {{"a", 0.5}, {"b", 0.5}, {"c", -1}});
  const auto pair = compare_seeded(sums, {11, 12}, {{mean}, {"ndcg@10"}}).at(0);
  EXPECT_DOUBLE_EQ(pair.pair.difference, 0.75);
  EXPECT_EQ(pair.by_seed, (std::map<uint64_t, double>{{11, 0.75}}));
  EXPECT_EQ(pair.factor, "letters");
  EXPECT_EQ(pair.pair.a, "a, b");
}

TEST(SeededPairs, AreTheSameHoweverManyAreComparedBesideThem) {
  auto sums = sums_of(5);
  for (size_t s = 0; s < 5; ++s) {
    sums.add("model+counters", s, s % 2 == 0 ? right : repeats, Ties::mean_rank);
    sums.add("counters", s, s == 1 ? wrong : repeats, Ties::mean_rank);
  }
  PairTests one{{{"model+counters", "counters"}}, {"ndcg@10"}};
  one.draws = 10'000;
  PairTests many = one;
  for (int i = 0; i < 40; ++i) many.pairs.push_back(one.pairs[0]);
  const auto alone = compare_seeded(sums, {1, 2, 3, 4, 5}, one), among = compare_seeded(sums, {1, 2, 3, 4, 5}, many);
  ASSERT_EQ(among.size(), 41u);
  for (const auto& pair : among) {
    EXPECT_DOUBLE_EQ(pair.pair.low, alone[0].pair.low);
    EXPECT_DOUBLE_EQ(pair.pair.p, alone[0].pair.p);
  }
}

TEST(Conclusions, SayOnlyWhatIsClaimed) {
  Comparison comparison;
  comparison.variant_of["gru+counters"] = "gru";
  SeededPair good{.pair = {.a = "gru+counters", .b = "counters", .metric = "ndcg@10", .difference = 0.02, .low = 0.01, .high = 0.03, .p = 0.001, .p_holm = 0.004},
                  .by_seed = {{1, 0.02}, {2, 0.02}, {3, 0.02}, {4, 0.02}, {5, 0.02}}, .same_sign = true, .claimed = true};
  SeededPair bad = good;
  bad.claimed = false;
  bad.why_not = "its sign is not the same in every seed";
  SeededPair alone = bad;
  alone.pair.b = "gru";
  comparison.families.push_back({"worth", {good, bad, alone}});
  const auto lines = conclusions(comparison);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], "Mixing gru into the counters raises ndcg@10: +0.0200 [+0.0100, +0.0300], with the same sign in each of 5 seeds (p 0.0010, with Holm's "
                      "correction 0.0040).");
  EXPECT_EQ(lines[1], "No claim of gru+counters over the counters: ndcg@10 +0.0200 [+0.0100, +0.0300]; its sign is not the same in every seed.");
}

}  // namespace
}  // namespace segue
