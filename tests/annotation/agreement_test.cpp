#include "annotation/agreement.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "simulation/genes.h"
#include "support/logs.h"

namespace segue {
namespace {

/// Values 0 … 1 of the first gene for tracks of as many artists.
struct Given {
  std::vector<GeneValues> predicted, expert;
  std::vector<int64_t> artist;

  Given(const std::vector<float>& predicted_values, const std::vector<float>& expert_values) : predicted(predicted_values.size()), expert(expert_values.size()) {
    for (size_t i = 0; i < predicted.size(); ++i) {
      predicted[i][0] = 5 * predicted_values[i];
      expert[i][0] = 5 * expert_values[i];
      artist.push_back(static_cast<int64_t>(i));
    }
  }
  GeneAgreement gene(const AgreementOptions& options = {}) const { return agreement_of(predicted, expert, artist, options).genes[0]; }
};

/// n tracks whose experts say 0.2 and 0.6 in turn.
std::vector<float> in_turn(size_t n, float first = 0.2f, float second = 0.6f) {
  std::vector<float> values;
  for (size_t i = 0; i < n; ++i) values.push_back(i % 2 == 0 ? first : second);
  return values;
}

TEST(Agreement, OfAFewTracksCanBeWorkedOutByHand) {
  const auto gene = Given({0.4f, 0.4f, 0.8f, 1}, {0.2f, 0.4f, 0.6f, 0.6f}).gene();
  EXPECT_EQ(gene.tracks, 4);
  EXPECT_NEAR(gene.error, 0.2, 1e-6);
  EXPECT_NEAR(gene.bias, 0.2, 1e-6);
  // Ranks 1.5 1.5 3 4 and 1 2 3.5 3.5 about 2.5: 4 / 4.5.
  EXPECT_NEAR(*gene.rank, 4 / 4.5, 1e-6);
  EXPECT_EQ(gene.verdict, Verdict::not_judged);
  EXPECT_EQ(gene.why, "4 tracks; 20 are wanted");
  EXPECT_FALSE(gene.judged);
}

TEST(Agreement, CalibratesAScaleThatIsOff) {
  const auto gene = Given(in_turn(60, 0.8f, 1), in_turn(60)).gene();
  EXPECT_NEAR(gene.error, 0.5, 1e-6);
  EXPECT_NEAR(gene.bias, 0.5, 1e-6);
  EXPECT_NEAR(*gene.rank, 1, 1e-6);
  ASSERT_TRUE(gene.judged);
  EXPECT_NEAR(gene.judged->calibrated, 0, 1e-6);
  EXPECT_NEAR(gene.judged->calibrated_bias, 0, 1e-6);
  EXPECT_NEAR(gene.judged->constant, 0.2, 0.03);  // 0.2, 0.4 or 0.6 may be the median of a half: 0.4 is wrong by 0.2 always, 0.6 half of the time by 0.4
  EXPECT_EQ(gene.verdict, Verdict::usable);
  EXPECT_NEAR(gene.calibration(0.8f), 0.2, 1e-6);
  EXPECT_NEAR(gene.calibration(1), 0.6, 1e-6);
}

TEST(Agreement, WhatSaysNothingIsUnusable) {
  for (const auto& predicted : {std::vector<float>(60, 0.5f), in_turn(60, 0.6f, 0.2f)}) {  // always the same; the wrong way round
    const auto gene = Given(predicted, in_turn(60)).gene();
    EXPECT_EQ(gene.verdict, Verdict::unusable);
    EXPECT_EQ(gene.judged->low, 0);  // the calibration is the constant
    EXPECT_EQ(gene.judged->high, 0);
    EXPECT_TRUE(gene.calibration.from.empty());
  }
  EXPECT_FALSE(Given(std::vector<float>(60, 0.5f), in_turn(60)).gene().rank);
  EXPECT_NEAR(*Given(in_turn(60, 0.6f, 0.2f), in_turn(60)).gene().rank, -1, 1e-9);
}

TEST(Agreement, DoesNotJudgeByTooLittle) {
  EXPECT_EQ(Given(in_turn(19), in_turn(19)).gene().verdict, Verdict::not_judged);
  EXPECT_EQ(Given(in_turn(60), std::vector<float>(60, 0.3f)).gene().why, "the experts say the same of all");
  Given few(in_turn(60), in_turn(60));
  for (size_t i = 0; i < 60; ++i) few.artist[i] = static_cast<int64_t>(i % 4);
  EXPECT_EQ(few.gene().why, "tracks of 4 groups; 10 are wanted");
  for (size_t i = 0; i < 60; ++i) few.artist[i] = i < 50 ? 0 : static_cast<int64_t>(i);
  EXPECT_EQ(few.gene({.fewest = 60}).why, "nearly all tracks are of one group");
}

TEST(Agreement, AnArtistIsNeverOnBothSides) {
  // The prediction is a number of the artist, and experts differ by artist: within an artist it says all, beyond nothing.
  Random random(3);
  std::vector<float> predicted, expert;
  std::vector<int64_t> artist;
  for (int64_t who = 0; who < 60; ++who) {
    const auto its = static_cast<float>(random.uniform());
    for (int track = 0; track < 10; ++track) {
      predicted.push_back(static_cast<float>(who) / 60);
      expert.push_back(its);
      artist.push_back(who);
    }
  }
  Given given(predicted, expert);
  EXPECT_EQ(given.gene().verdict, Verdict::usable);  // as if each track were of another artist
  given.artist = artist;
  EXPECT_EQ(given.gene().verdict, Verdict::unusable);
}

TEST(Agreement, CountsOnlyWhatBothKnow) {
  Given given(in_turn(60), in_turn(60));
  for (size_t i = 0; i < 30; ++i) given.predicted[i][0].reset();
  for (size_t i = 20; i < 40; ++i) given.expert[i][0].reset();
  EXPECT_EQ(given.gene().tracks, 20);
  EXPECT_EQ(agreement_of(given.predicted, given.expert, given.artist).genes[1].tracks, 0);
  given.expert[50][0] = std::nanf("");
  EXPECT_THROW(given.gene(), std::invalid_argument);
  given.artist.pop_back();
  EXPECT_THROW(given.gene(), std::invalid_argument);
}

// --- planted truth -----------------------------------------------------------------------------------------------------

/// Predictions that are known to be wrong: of a gene's value in the simulated world.
struct Planted {
  std::vector<GeneValues> predicted, expert;
  std::vector<int64_t> artist;
};

constexpr bool useless(size_t gene) { return gene % 6 == 1; }

/// How the scale of a gene is off: too high, squashed, bent upwards, bent downwards.
double distorted(size_t gene, double truth) {
  switch (gene % 4) {
    case 0: return 0.5 + 0.5 * truth;
    case 1: return 0.25 + 0.4 * truth;
    case 2: return std::sqrt(truth);
    default: return truth * truth;
  }
}

/// Distorted, noisy, on the scale of halves, one in eight missing; useless genes are those of another track.
Planted planted(uint64_t seed) {
  constexpr double noise = 0.08, missing = 0.125;
  const auto world = simulation::make_world({.tracks = 900, .begin_s = 0, .end_s = 86400, .seed = seed});
  Planted out;
  Random random(seed, 99);
  for (size_t i = 0; i < world.tracks.size(); ++i) {
    const auto values = simulation::genes_of(world.tracks[i], simulation::random_of(seed, simulation::Stream::genes, static_cast<int64_t>(i)));
    const auto& other = world.tracks[random.below(world.tracks.size())];
    const auto others = simulation::genes_of(other, simulation::random_of(seed + 1, simulation::Stream::genes, static_cast<int64_t>(i)));
    GeneValues predicted, expert;
    for (size_t gene = 0; gene < values.size(); ++gene) {
      if (values[gene]) expert[gene] = static_cast<float>(*values[gene]) / 4;
      const auto& source = useless(gene) ? others[gene] : values[gene];
      if (!source || random.uniform() < missing) continue;
      const double off = distorted(gene, *source / 20.0) + noise * random.normal();
      predicted[gene] = static_cast<float>(std::round(10 * std::clamp(off, 0.0, 1.0)) / 2);
    }
    out.predicted.push_back(predicted);
    out.expert.push_back(expert);
    out.artist.push_back(world.tracks[i].artist);
  }
  return out;
}

class PlantedGenes : public testing::TestWithParam<uint64_t> {};

TEST_P(PlantedGenes, UselessOnesAreFoundAndGoodOnesKept) {
  const Planted made = planted(GetParam());
  const auto agreement = agreement_of(made.predicted, made.expert, made.artist, {.seed = GetParam()});
  int64_t refused = 0, good = 0;
  for (size_t gene = 0; gene < agreement.genes.size(); ++gene) {
    const auto& one = agreement.genes[gene];
    EXPECT_GT(one.tracks, 100) << gene;
    EXPECT_NE(one.verdict, Verdict::not_judged) << gene << one.why;
    if (useless(gene)) EXPECT_EQ(one.verdict, Verdict::unusable) << genes()[gene].key << "\n" << text_of(agreement);
    else ++good, refused += one.verdict != Verdict::usable;
  }
  EXPECT_GT(good, 40);
  EXPECT_LE(refused, 1) << text_of(agreement);
}

TEST(Agreement, NoiseIsHardlyEverTakenForKnowledge) {
  for (const size_t n : {20, 40, 200}) {
    int64_t usable = 0;
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      Random random(seed, n);
      Given given{std::vector<float>(n), std::vector<float>(n)};
      for (size_t i = 0; i < n; ++i) {
        for (auto& value : given.predicted[i]) value = static_cast<float>(random.below(11)) / 2;
        for (auto& value : given.expert[i]) value = static_cast<float>(random.below(11)) / 2;
      }
      usable += agreement_of(given.predicted, given.expert, given.artist, {.seed = seed}).count(Verdict::usable);
    }
    EXPECT_LE(usable, 5) << n;  // of 290
  }
}

TEST_P(PlantedGenes, CalibrationTakesTheBiasAndMostOfTheError) {
  const Planted made = planted(GetParam());
  const auto agreement = agreement_of(made.predicted, made.expert, made.artist, {.seed = GetParam()});
  double before = 0, after = 0, bias = 0;
  int64_t n = 0;
  for (const auto& gene : agreement.genes) {
    if (gene.verdict != Verdict::usable) continue;
    ++n;
    before += gene.error;
    after += gene.judged->calibrated;
    bias += std::abs(gene.bias);
    EXPECT_LT(std::abs(gene.judged->calibrated_bias), 0.04);
    EXPECT_LT(gene.judged->calibrated, gene.judged->constant);
  }
  EXPECT_GT(bias / static_cast<double>(n), 0.1);
  EXPECT_LT(after, 0.75 * before);
}

TEST_P(PlantedGenes, TheCurveIsThePlantedOne) {
  const Planted made = planted(GetParam());
  const auto agreement = agreement_of(made.predicted, made.expert, made.artist, {.seed = GetParam()});
  double off = 0;
  int64_t n = 0;
  for (size_t gene = 0; gene < agreement.genes.size(); ++gene) {
    if (agreement.genes[gene].verdict != Verdict::usable) continue;
    for (const double truth : {0.3, 0.4, 0.5, 0.6, 0.7}) {
      const double found = static_cast<double>(agreement.genes[gene].calibration(static_cast<float>(distorted(gene, truth))));
      EXPECT_NEAR(found, truth, 0.2) << genes()[gene].key << " at " << truth;
      off += std::abs(found - truth);
      ++n;
    }
  }
  EXPECT_LT(off / static_cast<double>(n), 0.05);
}

TEST_P(PlantedGenes, AnotherSplitComesToTheSame) {
  const Planted made = planted(GetParam());
  const auto one = agreement_of(made.predicted, made.expert, made.artist, {.seed = 1});
  for (const uint64_t seed : {2, 3, 4}) {
    const auto other = agreement_of(made.predicted, made.expert, made.artist, {.seed = seed});
    int64_t changed = 0;
    for (size_t gene = 0; gene < one.genes.size(); ++gene) changed += one.genes[gene].verdict != other.genes[gene].verdict;
    EXPECT_LE(changed, 1);
    EXPECT_NE(one.genes[0].judged->constant, other.genes[0].judged->constant);  // it was another split
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, PlantedGenes, testing::Values(1, 2, 3, 4));

TEST(Trusted, CalibratesTheUsableAndDropsTheUnusable) {
  Agreement agreement;
  agreement.genes[0].verdict = Verdict::usable;
  agreement.genes[0].calibration = {{0.8f, 1}, {0.2f, 0.6f}};
  agreement.genes[1].verdict = Verdict::unusable;
  GeneValues values;
  values[0] = 4.5f;
  values[1] = 3;
  values[2] = 1;
  const auto left = trusted(values, agreement);
  EXPECT_NEAR(*left[0], 2, 1e-5);  // half way between 1 and 3
  EXPECT_FALSE(left[1]);
  EXPECT_EQ(left[2], 1);  // nobody judged it
  EXPECT_FALSE(left[3]);
}

TEST(AgreementReport, GoesThroughJson) {
  const Planted made = planted(1);
  const auto agreement = agreement_of(made.predicted, made.expert, made.artist);
  const auto json = to_json(agreement);
  const auto again = agreement_from(nlohmann::json::parse(json.dump()));
  EXPECT_EQ(to_json(again), json);
  EXPECT_EQ(trusted(made.predicted[5], again), trusted(made.predicted[5], agreement));
  EXPECT_FALSE(json["genes"]["vocal_register"]["mae_constant"].is_null());

  auto broken = json;
  broken["genes"].erase("tempo");
  EXPECT_NE(error_of([&] { agreement_from(broken); }).find("tempo"), std::string::npos);
  broken = json;
  broken["genes"]["tempo"]["verdict"] = "fine";
  EXPECT_NE(error_of([&] { agreement_from(broken); }).find("no verdict 'fine'"), std::string::npos);
}

TEST(AgreementReport, SaysAllOfIt) {
  Given given(in_turn(60, 0.8f, 1), in_turn(60));
  const std::string text = text_of(agreement_of(given.predicted, given.expert, given.artist));
  EXPECT_NE(text.find("Vocal Register                     60  0.500"), std::string::npos) << text;
  EXPECT_NE(text.find("+0.500  usable\n"), std::string::npos) << text;
  EXPECT_NE(text.find("not judged: 0 tracks; 20 are wanted"), std::string::npos) << text;
  EXPECT_NE(text.find("60 tracks of 60 groups"), std::string::npos) << text;
  EXPECT_NE(text.find("usable, for calibrated they beat the constant: 1; unusable: 0; not judged: 57"), std::string::npos) << text;
}

TEST(AgreementReport, EveryVerdictHasItsWords) {
  EXPECT_EQ(in_words(Verdict::not_judged), "not judged");
  EXPECT_EQ(in_words(Verdict::usable), "usable");
  EXPECT_EQ(in_words(Verdict::unusable), "unusable");
}

}  // namespace
}  // namespace segue
