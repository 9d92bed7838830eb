#include "encoders/sentence_encoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/stack.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "core/error.h"
#include "made_encoder.h"
#include "support/scratch.h"

namespace segue {
namespace {

using Texts = std::vector<std::string>;
using Tokens = std::vector<int32_t>;

double distance(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

class SentenceFolder : public testing::Test {
 protected:
  SentenceEncoder open(const SentenceEncoder::Options& options = {}) {
    made.write(scratch_.folder());
    return {scratch_.folder(), options};
  }
  std::string refusal(const SentenceEncoder::Options& options = {}) {
    try {
      open(options);
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was refused";
  }
  /// States of a text in its frame.
  Tensor states(const Tokens& tokens) {
    Tokens framed{2};
    framed.insert(framed.end(), tokens.begin(), tokens.end());
    framed.push_back(3);
    return TextTransformer(Checkpoint(scratch_.folder()), read_text_config(scratch_.folder()), {}).states(std::span(&framed, 1));
  }

  MadeEncoder made;
  Scratch scratch_;
};

TEST_F(SentenceFolder, MakesAUnitVectorOfTheMeanOfAllTokensAndOfAnEmptyTextOneOfItsFrame) {
  const SentenceEncoder encoder = open();
  const Tensor vectors = encoder.encode(Texts{"love a river", "", "  \n"});
  ASSERT_EQ(vectors.sizes(), (at::IntArrayRef{3, 16}));
  for (const auto& [row, tokens] : std::vector<std::pair<int64_t, Tokens>>{{0, encoder.tokens_of("love a river")}, {1, {}}, {2, {}}}) {
    const Tensor mean = states(tokens).mean(0);
    EXPECT_LT(distance(vectors[row], mean / mean.norm()), 1e-6);
  }
}

TEST_F(SentenceFolder, PoolsAsItsFilesSay) {
  const std::string text = "love a river";
  const auto vector = [&](const nlohmann::json& pooling) {
    made.pooling = pooling;
    made.modules.erase(made.modules.begin() + 2, made.modules.end());
    return open().encode(std::span(&text, 1))[0];
  };
  const Tensor first = vector({{"pooling_mode_cls_token", true}, {"pooling_mode_mean_tokens", false}}), all = states(open().tokens_of(text));
  EXPECT_LT(distance(first, all[0]), 1e-6);
  EXPECT_LT(distance(vector({{"pooling_mode", "max"}}), std::get<0>(all.max(0))), 1e-6);
  EXPECT_LT(distance(vector({{"pooling_mode", "lasttoken"}}), all[all.size(0) - 1]), 1e-6);
  EXPECT_LT(distance(vector({{"pooling_mode_mean_sqrt_len_tokens", true}}), all.sum(0) / std::sqrt(static_cast<double>(all.size(0)))), 1e-6);
  EXPECT_LT(distance(vector({{"pooling_mode_mean_tokens", true}, {"pooling_mode_cls_token", true}}), at::cat({all[0], all.mean(0)})), 1e-6) << "one behind the other";
  Tensor weighted = all[0] * 0;
  for (int64_t t = 0; t < all.size(0); ++t) weighted = weighted + all[t] * static_cast<double>(t + 1);
  EXPECT_LT(distance(vector({{"pooling_mode", "weightedmean"}}), weighted / static_cast<double>(all.size(0) * (all.size(0) + 1) / 2)), 1e-6);
}

TEST_F(SentenceFolder, PutsALayerBehindThePoolingWhereOneIsListed) {
  const std::string text = "love";
  made.modules[2] = {{"type", "sentence_transformers.models.Dense"}, {"path", "2_Dense"}};
  const Tensor weight = at::randn({5, 16}), bias = at::randn({5});
  scratch_.file("2_Dense/config.json", R"({"in_features": 16, "out_features": 5, "bias": true, "activation_function": "torch.nn.modules.activation.Tanh"})");
  write_tensors(scratch_ / "2_Dense/model.safetensors", {{"linear.weight", weight}, {"linear.bias", bias}});
  const SentenceEncoder encoder = open();
  EXPECT_EQ(encoder.width(), 5);
  EXPECT_LT(distance(encoder.encode(std::span(&text, 1))[0], (weight.matmul(states(encoder.tokens_of(text)).mean(0)) + bias).tanh()), 1e-6);
  scratch_.file("2_Dense/config.json", R"({"in_features": 16, "out_features": 5, "bias": true, "activation_function": "torch.nn.ReLU"})");
  EXPECT_NE(refusal().find("activation_function is 'torch.nn.ReLU'"), std::string::npos);
}

TEST_F(SentenceFolder, ReadsALongTextInChunksThatOverlapAndWeighsThemByTheirTokens) {
  const SentenceEncoder encoder = open({.overlap = 4});  // 10 tokens a chunk
  const std::string text = "a b c d e f g h i j k l m";
  const Tokens tokens = encoder.tokens_of(text);
  ASSERT_EQ(tokens.size(), 13u);
  const auto unit = [](const Tensor& x) { return x / x.norm(); };
  const Tensor first = unit(states({tokens.begin(), tokens.begin() + 10}).mean(0)), last = unit(states({tokens.begin() + 3, tokens.end()}).mean(0));
  EXPECT_LT(distance(encoder.encode(std::span(&text, 1))[0], unit(first + last)), 1e-6);
}

TEST_F(SentenceFolder, DoesNotCareWhoElseIsThere) {
  const SentenceEncoder encoder = open();
  Texts texts;
  for (int i = 0; i < 150; ++i) texts.emplace_back(std::string(static_cast<size_t>(i % 60), static_cast<char>('a' + i % 26)) + (i % 3 == 0 ? " la la la river love s t u v w x y z" : " love"));
  const Tensor all = encoder.encode(texts);
  for (size_t i = 0; i < texts.size(); ++i) EXPECT_LT(distance(encoder.encode(std::span(&texts[i], 1))[0], all[static_cast<int64_t>(i)]), 2e-6) << texts[i];
  EXPECT_EQ(encoder.encode(Texts{}).sizes(), (at::IntArrayRef{0, 16}));
}

TEST_F(SentenceFolder, KeptInInt8IsExactlyTheSameWhoeverElseIsThereAndNearTheOther) {
  const Texts texts{"love a river", "la la la", "a b c d e f g h i j k l m n o p q r s t"};
  const Tensor whole = open().encode(texts), bytes = open({.storage = "int8"}).encode(texts);
  EXPECT_GT((whole * bytes).sum(1).min().item<double>(), 0.98);
  const SentenceEncoder encoder = open({.storage = "int8"});
  for (size_t i = 0; i < texts.size(); ++i) EXPECT_TRUE(encoder.encode(std::span(&texts[i], 1))[0].equal(bytes[static_cast<int64_t>(i)])) << texts[i];
}

TEST_F(SentenceFolder, AnswersSeveralThreadsAtOnce) {
  const SentenceEncoder encoder = open();
  const Texts texts{"love a river", "", "a b c d e f g h i j k l m n o p q r s t"};
  const Tensor want = encoder.encode(texts);
  std::vector<Tensor> got(4);
  std::vector<std::thread> threads;
  for (auto& one : got) threads.emplace_back([&] { one = encoder.encode(texts); });
  for (auto& thread : threads) thread.join();
  for (const auto& one : got) EXPECT_LT(distance(one, want), 1e-6);
}

TEST_F(SentenceFolder, ReadsAnyTextInBoundedTime) {
  const SentenceEncoder encoder = open();
  std::string many, one(500'000, 'a'), odd;
  for (int i = 0; i < 100'000; ++i) many += "river ";
  for (int i = 0; i < 256; ++i) odd += static_cast<char>(i);
  const Texts texts{many, one, odd, "\xff\xfe\xed\xa0\x80", "Река поёт", "τραγούδι", "أغنية", "שיר", "गीत", "গান", "பாடல்", "เพลง", "歌をうたう", "安静的歌", "노래", "երգ", "სიმღერა", "ዘፈን", "👩‍👩‍👧 ♪"};
  const Tensor vectors = encoder.encode(texts);
  EXPECT_TRUE(vectors.isfinite().all().item<bool>());
  EXPECT_LT((vectors.norm(2, 1) - 1).abs().max().item<double>(), 1e-5);
  const Tensor all = open({.most_chunks = 0}).encode(std::span(texts.data(), 1));
  EXPECT_GT((all[0] * vectors[0]).sum().item<double>(), 0.99) << "some of its chunks say what all do";
}

TEST_F(SentenceFolder, WithoutItsModulesIsReadAsTheMean) {
  const SentenceEncoder encoder = open();
  for (const char* name : {"modules.json", "sentence_bert_config.json"}) std::filesystem::remove(scratch_ / name);
  const SentenceEncoder plain(scratch_.folder(), {});
  EXPECT_LT(distance(plain.encode(Texts{"love"})[0], states(plain.tokens_of("love")).mean(0)), 1e-6);
  EXPECT_NE(plain.space(), encoder.space());
}

TEST_F(SentenceFolder, MakesLettersSmallWhereItsSettingsSaySo) {
  scratch_.file("tokenizer_config.json", R"({"do_lower_case": false})");
  EXPECT_EQ(open().tokens_of("LOVE"), Tokens{1});
  made.settings["do_lower_case"] = true;
  EXPECT_EQ(open().tokens_of("LOVE"), open().tokens_of("love"));
}

TEST_F(SentenceFolder, SaysWhatItCanNotRead) {
  EXPECT_EQ(refusal(), "nothing was refused");
  EXPECT_NE(refusal({.length = 30}).find("can't read 30 tokens at once; 20 at most"), std::string::npos);
  EXPECT_NE(refusal({.storage = "int9"}).find("known: "), std::string::npos);
  const auto changed = [&](const auto& change) {
    const MadeEncoder before = made;
    change();
    const std::string said = refusal();
    made = before;
    return said;
  };
  EXPECT_NE(changed([&] { made.config["model_type"] = "gpt2"; }).find("no encoder of words 'gpt2'; known: bert, mpnet, roberta, xlm-roberta"), std::string::npos);
  EXPECT_NE(changed([&] { made.config.erase("model_type"); }).find("no model_type"), std::string::npos);
  EXPECT_NE(changed([&] { made.config["hidden_act"] = "relu"; }).find("hidden_act is 'relu'"), std::string::npos);
  EXPECT_NE(changed([&] { made.config["num_attention_heads"] = 5; }).find("5 heads"), std::string::npos);
  EXPECT_NE(changed([&] { made.config["hidden_size"] = 32; }).find("but its config.json says"), std::string::npos);
  EXPECT_NE(changed([&] { made.pooling = {{"pooling_mode", "loudest"}}; }).find("no pooling 'loudest'; known: cls, max, mean"), std::string::npos);
  EXPECT_NE(changed([&] { made.pooling = {{"pooling_mode_loudest", true}}; }).find("no pooling 'pooling_mode_loudest'"), std::string::npos);
  EXPECT_NE(changed([&] { made.pooling = nlohmann::json::object(); }).find("chooses no pooling"), std::string::npos);
  EXPECT_NE(changed([&] { made.modules[1]["type"] = "sentence_transformers.models.LSTM"; }).find("no module 'LSTM'; known: Transformer, Pooling, Dense, Normalize"), std::string::npos);
  EXPECT_NE(changed([&] { made.modules[1]["path"] = "nowhere"; }).find("no such file"), std::string::npos);
  EXPECT_NE(changed([&] { made.settings["max_seq_length"] = 2; }).find("not more than the 2 around every text"), std::string::npos);
  EXPECT_NE(changed([&] { made.words += "more\n"; }).find("its tokenizer has 37 tokens, but its weights know 36"), std::string::npos);
  EXPECT_NE(changed([&] { made.weights.erase("encoder.layer.1.output.dense.bias"); }).find("no 'encoder.layer.1.output.dense.bias'"), std::string::npos);
  for (const char* storage : {"", "int8"}) {
    for (const char* name : {"encoder.layer.1.attention.self.key.weight", "embeddings.word_embeddings.weight", "embeddings.LayerNorm.bias"}) {
      const Tensor was = made.weights.at(name).clone();
      made.weights.at(name).view(-1)[3] = std::numeric_limits<float>::quiet_NaN();
      EXPECT_NE(refusal({.storage = storage}).find("'" + std::string(name) + "' has numbers that are not finite"), std::string::npos) << name;
      made.weights.at(name) = was;
    }
  }
  made.write(scratch_.folder());
  std::filesystem::remove(scratch_ / "model.safetensors");
  EXPECT_THROW(SentenceEncoder(scratch_.folder(), {}), Error);
  std::filesystem::remove(scratch_ / "config.json");
  EXPECT_THROW(SentenceEncoder(scratch_.folder(), {}), Error);
}

TEST_F(SentenceFolder, StatesThatGrowBeyondMeasureAreRefused) {
  for (auto& [name, weight] : made.weights) {
    if (name.find("LayerNorm.weight") != std::string::npos) weight = weight * 0 + 3e38;
  }
  EXPECT_THROW(open().encode(Texts{"love"}), Error);
}

TEST(TextTransformer, ReadsWeightsBehindAPrefixAndHasAHead) {
  const Scratch scratch;
  MadeEncoder made;
  made.weights.emplace("pooler.dense.weight", at::randn({16, 16}));
  made.weights.emplace("pooler.dense.bias", at::randn({16}));
  made.write(scratch / "plain");
  const std::vector<Tokens> texts{{2, 5, 6, 3}, {2, 3}};
  const TextConfig config = read_text_config(scratch / "plain");
  const TextTransformer plain(Checkpoint(scratch / "plain"), config, {});
  const Tensor states = plain.states(texts), first = at::stack({states[0], states[4]});
  EXPECT_LT(distance(plain.pooled(first), (first.matmul(made.weights.at("pooler.dense.weight").t()) + made.weights.at("pooler.dense.bias")).tanh()), 1e-6);
  for (const std::string prefix : {"text_model.", "bert."}) {
    MadeEncoder inside = made;
    inside.weights.clear();
    for (const auto& [name, weight] : made.weights) inside.weights.emplace(prefix + name, weight);
    inside.write(scratch / "inside");
    const TextTransformer read(Checkpoint(scratch / "inside"), config, {.prefix = prefix == "bert." ? "" : prefix});
    EXPECT_TRUE(read.states(texts).equal(states)) << prefix;
  }
  EXPECT_THROW(plain.states(std::vector<Tokens>{{}}), Error);
  EXPECT_THROW(plain.states(std::vector<Tokens>{{36}}), Error);
  EXPECT_THROW(plain.states(std::vector<Tokens>{Tokens(21, 5)}), Error);
}

}  // namespace
}  // namespace segue
