#include "evaluation/chance.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "evaluation/metrics.h"

namespace segue {
namespace {

TEST(Chance, IsTheExpectationOfAUniformRank) {
  const auto chance = chance_level(100, 200, 1, 100);
  EXPECT_DOUBLE_EQ(chance.at("recall@10").mean, 0.05);
  EXPECT_DOUBLE_EQ(chance.at("precision@10").mean, 0.005);
  EXPECT_NEAR(chance.at("mrr@5").mean, (1 + 1.0 / 2 + 1.0 / 3 + 1.0 / 4 + 1.0 / 5) / 200, 1e-15);
  // The oracle's chance among 31,462 tracks (oracles/evaluate): 0.00032 / 0.00014.
  const auto own = chance_level(16'555, 31'462, 1, 100);
  EXPECT_NEAR(own.at("recall@10").mean, 0.00032, 5e-6);
  EXPECT_NEAR(own.at("ndcg@10").mean, 0.00014, 5e-6);
}

TEST(Chance, IsCertainWhereTheListHoldsEveryCandidate) {
  const auto recall = chance_level(50, 4, 1).at("recall@5");
  EXPECT_DOUBLE_EQ(recall.mean, 1);
  EXPECT_DOUBLE_EQ(recall.low, 1);
  EXPECT_DOUBLE_EQ(recall.high, 1);
}

TEST(Chance, HasTheIntervalOfABinomialForRecall) {
  // Binomial(16555, 10 / 31462): P(hits <= 1) = 0.032, P(0) = 0.005, P(hits <= 9) = 0.958, P(hits <= 10) = 0.981.
  const auto recall = chance_level(16'555, 31'462, 1).at("recall@10");
  EXPECT_NEAR(recall.low * 16'555, 1, 1e-9);
  EXPECT_NEAR(recall.high * 16'555, 10, 1e-9);
}

/// The part of the seeds 1 … 100 for which the mean over uniform ranks lies in the interval.
int seeds_inside(int64_t cases, int64_t candidates, const std::string& name) {
  const auto interval = chance_level(cases, candidates, 7).at(name);
  const auto& row = measure(name);
  int inside = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    Random random(seed, 99);
    double sum = 0;
    for (int64_t i = 0; i < cases; ++i) {
      sum += row.metric(1.0 + static_cast<double>(random.below(static_cast<uint64_t>(candidates))), row.k);
    }
    const double mean = sum / static_cast<double>(cases);
    inside += mean >= interval.low && mean <= interval.high ? 1 : 0;
  }
  return inside;
}

TEST(Chance, HoldsTheMeanOfUniformRanksInNinetyFiveOfAHundredDraws) {
  for (const std::string name : {"ndcg@10", "recall@10", "mrr@100"}) {
    for (const auto& [cases, candidates] : {std::pair{638, 200}, std::pair{16'555, 31'462}}) {
      const int inside = seeds_inside(cases, candidates, name);
      EXPECT_GE(inside, 89) << name << " " << cases;
      EXPECT_LE(inside, 99) << name << " " << cases;
    }
  }
}

}  // namespace
}  // namespace segue
