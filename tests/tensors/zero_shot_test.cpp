#include "training/zero_shot.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/log_softmax.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/random.h"
#include "evaluation/chance.h"
#include "ranking/language_embedding.h"
#include "ranking/language_likelihood.h"
#include "tensors/small_log.h"

namespace segue {
namespace {

TEST(Likelihood, IsTheSumOverTheTokensOfATextBehindThePrefix) {
  const at::NoGradGuard no_grad;
  const Decoder decoder(language_folder());
  const std::vector<int32_t> prefix{1, 2, 3};
  const std::vector<std::vector<int32_t>> texts{{4}, {5, 6}, {7, 8, 9}, {9, 8}};
  const auto sums = log_likelihoods(decoder, prefix, texts);
  for (size_t i = 0; i < texts.size(); ++i) {
    std::vector<int64_t> all(prefix.begin(), prefix.end());
    all.insert(all.end(), texts[i].begin(), texts[i].end());
    const Tensor chances = at::log_softmax(decoder.token_scores(decoder.forward({.vectors = decoder.vectors_of(tensor_of(all, {1, std::ssize(all)}))}))[0], 1);
    double sum = 0;
    for (size_t t = prefix.size(); t < all.size(); ++t) sum += chances[static_cast<int64_t>(t) - 1][all[t]].item<double>();
    EXPECT_NEAR(sums[i], sum, 1e-4) << i;
  }
  EXPECT_THROW(log_likelihoods(decoder, std::vector<int32_t>(60, 1), std::vector<std::vector<int32_t>>{{1, 2, 3, 4, 5}}), Error);
}

TEST(TextVectors, AreMeansThatDoNotDependOnOtherTexts) {
  const at::NoGradGuard no_grad;
  const Decoder decoder(language_folder());
  const auto tokenizer = open_tokenizer(language_folder());
  const std::vector<std::string> texts{"abc", "hello", "abc", "xyz"};
  const auto vectors = text_vectors(decoder, *tokenizer, texts);
  ASSERT_EQ(vectors.size(), 64u);
  const Tensor alone = decoder.forward({.vectors = decoder.vectors_of(at::arange(3).unsqueeze(0))}).mean(1)[0];
  for (size_t d = 0; d < 16; ++d) {
    EXPECT_NEAR(vectors[d], alone[static_cast<int64_t>(d)].item<float>(), 1e-5);
    EXPECT_EQ(vectors[d], vectors[32 + d]);
  }
}

TEST(Embedding, RanksWhatIsNearToTheLastPlaysAndNotThosePlays) {
  const Log log = small_log({{0, 1, 2, 3}}, 6);
  const EmbeddingOptions options{.history = 2, .fade = 0.5};
  // Tracks 1, 4 and 5 point one way, the others another.
  auto model = std::make_shared<VectorModel>(embedding_model({1, 0, 0, 1, 1, 0.1F, 1, 0.2F, 0.1F, 1, 0, 1.1F}, 2, log, options));
  const std::vector<Asked> asked{asked_of(log, {0, 2, 2})};
  const EmbeddingRanker ranker(model, asked, options);
  const auto scorer = ranker.read(0);
  scorer->hear({0, 0, 0, true});
  scorer->hear({1, 0, 0, false});
  Scores scores(6);
  scores.clear();
  scorer->score(asked[0].when_ms, scores);
  const Catalogue catalogue(log.in_catalogue, std::vector<int64_t>(6, 1));
  const auto best = catalogue.best(scores, 2);
  EXPECT_EQ(best.size(), 2u);
  for (const int32_t track : best) EXPECT_TRUE(track == 4 || track == 5) << track;
}

/// A tiny decoder that knows more positions than the words of E4SRec take, letter by letter.
std::string roomy_folder() {
  static const Scratch scratch;
  MadeDecoder made;
  made.config["max_position_embeddings"] = 256;
  made.write_with_tokenizer(scratch.folder());
  return scratch.folder().string();
}

/// A log whose listeners play at random, prepared by hand.
Prepared random_world(uint64_t seed) {
  Prepared prepared;
  Random random(seed, 0);
  std::vector<std::vector<int32_t>> of_listeners(12);
  for (auto& plays : of_listeners) {
    for (int i = 0; i < 30; ++i) plays.push_back(static_cast<int32_t>(random.below(60)));
  }
  prepared.log = small_log(of_listeners, 60);
  for (int j = 0; j < 60; ++j) {
    prepared.artist.push_back("artist");
    prepared.title.push_back("title");
    prepared.key.push_back("key");
    prepared.data_track.push_back(j);
  }
  for (int32_t u = 0; u < 12; ++u) {
    for (int64_t play = prepared.log.first[static_cast<size_t>(u)] + 20; play < prepared.log.first[static_cast<size_t>(u) + 1]; ++play) prepared.test.push_back({u, play, play});
  }
  prepared.protocol.name = "segue";
  return prepared;
}

/// As often inside its interval as an interval of 95 % says, give or take what 100 draws give: neither better than chance
/// nor called chance by an interval that nothing could leave.
TEST(Untrained, LiesInTheIntervalOfOneRandomOrderInAbout95OfAHundredSeeds) {
  const Prepared prepared = random_world(1);
  const std::string folder = roomy_folder();
  int inside = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    EvaluateOptions options;
    options.trained = zero_shot_kinds().at("untrained")(prepared, {.folder = folder, .seed = seed});
    options.resamples = 100;
    const auto result = evaluate(prepared, options);
    const auto& ranker = result.catalogue.rankers.at(0);
    EXPECT_NE(ranker.note.find("chance: learned nothing"), std::string::npos);
    inside += std::find(ranker.inside_chance.begin(), ranker.inside_chance.end(), "ndcg@10") != ranker.inside_chance.end() ? 1 : 0;
  }
  EXPECT_GE(inside, 89);
  EXPECT_LE(inside, 99);
}

TEST(ZeroShot, LikelihoodWantsCandidates) {
  const Prepared prepared = random_world(2);
  EvaluateOptions options;
  options.trained = zero_shot_kinds().at("likelihood")(prepared, {.folder = language_folder().string(), .history = 1});
  EXPECT_THROW(evaluate(prepared, options), Error);
}

TEST(ChanceOfOneOrder, IsWiderWhereCasesShareATarget) {
  std::vector<int32_t> members, same(200, 7), apart;
  for (int32_t t = 0; t < 200; ++t) {
    members.push_back(t);
    apart.push_back(t);
  }
  const auto shared = chance_level_of_one_order(same, {}, members, 1).at("recall@10"), own = chance_level_of_one_order(apart, {}, members, 1).at("recall@10");
  EXPECT_NEAR(shared.mean, 0.05, 0.02);
  EXPECT_NEAR(shared.high, 1, 1e-9);  // all or nothing
  EXPECT_NEAR(own.low, 0.05, 1e-9);  // ten of them are always among the first ten
  EXPECT_NEAR(own.high, 0.05, 1e-9);
  const auto sampled = chance_level_of_one_order({3, 4}, {{3, 5, 6, 9}, {4, 1, 2, 8}}, members, 1).at("recall@1");
  EXPECT_NEAR(sampled.mean, 0.25, 0.05);
}

}  // namespace
}  // namespace segue
