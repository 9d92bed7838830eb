// States of decoders made by the libraries of their makers; see the README of the oracles.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include "core/tensor_files.h"
#include "language/adapter.h"
#include "support/oracles.h"
#include "support/scratch.h"
#include "training/adam.h"

namespace segue {
namespace {

double distance(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

class DecoderOracle : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder() / "expected.safetensors")) GTEST_SKIP() << "no oracles: name their folder in SEGUE_ORACLES";
    expected_ = read_tensors(folder() / "expected.safetensors");
  }
  Path folder() const { return oracles() / "decoders" / GetParam(); }
  bool has(const std::string& name) const { return expected_.count(name) != 0; }
  const Tensor& want(const std::string& name) const { return expected_.at(name); }

  at::NoGradGuard no_grad_;
  NamedTensors expected_;
};

TEST_P(DecoderOracle, GivesTheSameStatesForTokens) {
  const Decoder decoder(folder());
  std::vector<Tensor> before;
  const Tensor states = decoder.forward({.vectors = decoder.vectors_of(want("ids")), .before_layer = [&](const Tensor& x) { before.push_back(x); }});
  EXPECT_LT(distance(states, want("ids.hidden")), 5e-5);
  for (size_t i = 0; i < before.size() && has("ids.hidden.before_layer_0"); ++i) {
    EXPECT_LT(distance(before[i], want("ids.hidden.before_layer_" + std::to_string(i))), 5e-5) << i;
  }
  EXPECT_LT(distance(decoder.token_scores(states.select(1, states.size(1) - 1)), want("ids.logits_last")), 2e-4);
  if (!has("loss6")) return;
  const Tensor six = want("ids").narrow(1, 0, 6), scores = decoder.token_scores(decoder.forward({.vectors = decoder.vectors_of(six)}));
  const Tensor chances = at::log_softmax(scores.narrow(1, 0, 5), -1).gather(2, six.narrow(1, 1, 5).unsqueeze(-1));
  EXPECT_NEAR(-chances.mean().item<double>(), want("loss6").item<double>(), 5e-5);
}

TEST_P(DecoderOracle, GivesTheSameStatesForVectorsWithPaddingOnEitherSide) {
  const Decoder decoder(folder());
  for (const std::string side : {"soft.left", "soft.right"}) {
    if (!has(side + ".hidden")) continue;
    const Tensor real = want(side + ".attention_mask").to(at::kBool);
    const Tensor states = decoder.forward({.vectors = want(side + ".inputs_embeds"), .real = real});
    EXPECT_LT(distance(states * real.unsqueeze(-1), want(side + ".hidden")), 5e-5) << side;
  }
}

TEST_P(DecoderOracle, GivesTheSameStatesForPositionsFarOut) {
  if (!has("far.hidden")) GTEST_SKIP() << GetParam() << " has no such case";
  const Decoder decoder(folder());
  const Tensor positions = want("far.position_ids"), ids = want("ids").narrow(1, 0, positions.size(1));
  EXPECT_LT(distance(decoder.forward({.vectors = decoder.vectors_of(ids), .positions = positions}), want("far.hidden")), 5e-5);
}

// The library that made these takes a jump of the positions for the beginning of another text; ours has to be told.
TEST_P(DecoderOracle, GivesTheSameStatesForTwoTextsInOneRow) {
  if (!has("gap.hidden")) GTEST_SKIP() << GetParam() << " has no such case";
  const Decoder decoder(folder());
  const Tensor positions = want("gap.position_ids"), ids = want("ids").narrow(1, 0, positions.size(1));
  const Tensor place = at::arange(positions.size(1)), text = (positions[0] - place).gt(0);
  const Tensor visible = place.unsqueeze(0).le(place.unsqueeze(1)) & text.unsqueeze(0).eq(text.unsqueeze(1));
  const Tensor states = decoder.forward({.vectors = decoder.vectors_of(ids), .positions = positions, .visible = visible.unsqueeze(0).unsqueeze(0)});
  EXPECT_LT(distance(states, want("gap.hidden")), 5e-5);
}

TEST_P(DecoderOracle, GoesOnFromWhatItHasRead) {
  if (!has("cache.prefix_hidden")) GTEST_SKIP() << GetParam() << " has no such case";
  const Decoder decoder(folder());
  const int64_t cut = want("cache.prefix_hidden").size(1), rest = want("cache.suffix_hidden").size(1);
  KeyValues read;
  const Tensor vectors = decoder.vectors_of(want("ids"));
  EXPECT_LT(distance(decoder.forward({.vectors = vectors.narrow(1, 0, cut), .into = &read}), want("cache.prefix_hidden")), 5e-5);
  EXPECT_EQ(read.length(), cut);
  EXPECT_LT(distance(read.key[0], want("cache.layer0.key")), 5e-5);
  EXPECT_LT(distance(read.value[0], want("cache.layer0.value")), 5e-5);
  KeyValues one_by_one = read;
  EXPECT_LT(distance(decoder.forward({.vectors = vectors.narrow(1, cut, rest), .past = &read, .into = &read}), want("cache.suffix_hidden")), 5e-5);
  for (int64_t t = 0; t < rest; ++t) {
    const Tensor state = decoder.forward({.vectors = vectors.narrow(1, cut + t, 1), .past = &one_by_one, .into = &one_by_one});
    EXPECT_LT(distance(state, want("cache.suffix_hidden").narrow(1, t, 1)), 5e-5) << t;
  }
}

std::string test_name(const testing::TestParamInfo<const char*>& row) {
  std::string name = row.param;
  std::replace_if(name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Folders, DecoderOracle, testing::Values("llama2-tiny", "llama2-tiny-bf16", "llama3-tiny", "qwen2-tiny"), test_name);

class RealDecoder : public testing::Test {
 protected:
  void SetUp() override {
    const Path file = oracles() / "real" / "qwen2.5-0.5b.safetensors";
    if (!std::filesystem::exists(file)) GTEST_SKIP() << "no oracles: name their folder in SEGUE_ORACLES";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no models: name their folder in SEGUE_MODELS; it lacks qwen2.5-0.5b";
    expected = read_tensors(file);
  }
  const Path folder = models() / "qwen2.5-0.5b";
  const at::NoGradGuard no_grad;
  NamedTensors expected;
};

TEST_F(RealDecoder, GivesTheSameStatesAndGoesOnWithTheSameTokens) {
  const Decoder decoder(folder);
  const Tensor states = decoder.forward({.vectors = decoder.vectors_of(expected.at("ids"))});
  EXPECT_LT(distance(states, expected.at("hidden")), 1e-3);
  const auto [scores, best] = decoder.token_scores(states.select(1, states.size(1) - 1)).topk(20);
  EXPECT_LT(distance(scores, expected.at("logits_top20")), 1e-3);
  EXPECT_TRUE(best.equal(expected.at("logits_top20_ids")));
  KeyValues read;
  Tensor next = expected.at("greedy_prompt");
  for (int64_t t = 0; t < expected.at("greedy_next").size(1); ++t) {
    const Tensor last = decoder.forward({.vectors = decoder.vectors_of(next), .past = &read, .into = &read});
    next = decoder.token_scores(last.select(1, last.size(1) - 1)).argmax(-1, true);
    EXPECT_EQ(next.item<int64_t>(), expected.at("greedy_next")[0][t].item<int64_t>()) << t;
  }
}

// Of a position: the length of the difference over the length of the state.
TEST_F(RealDecoder, IsNearToItselfInFewBits) {
  const Tensor& right = expected.at("hidden");
  for (const auto& [storage, worst, middle] : {std::tuple(Storage::bf16, 0.02, 0.01), std::tuple(Storage::int8, 0.06, 0.04), std::tuple(Storage::nf4, 0.5, 0.25)}) {
    const Decoder decoder(folder, {.storage = storage});
    const Tensor off = (decoder.forward({.vectors = decoder.vectors_of(expected.at("ids"))}) - right).norm(2, -1) / right.norm(2, -1);
    std::printf("%s: worst %.4f, median %.4f\n", name_of(storage).c_str(), off.max().item<double>(), off.median().item<double>());
    EXPECT_LT(off.max().item<double>(), worst) << name_of(storage);
    EXPECT_LT(off.median().item<double>(), middle) << name_of(storage);
  }
}

class AdapterOracle : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder() / "expected.safetensors")) GTEST_SKIP() << "no oracles: name their folder in SEGUE_ORACLES";
  }
  Path folder() const { return oracles() / "lora" / GetParam(); }
  Path base() const { return oracles() / "decoders" / GetParam(); }
};

TEST_P(AdapterOracle, GivesTheSameStatesAndGradients) {
  const auto expected = read_tensors(folder() / "expected.safetensors");
  Decoder decoder(base());
  load_adapter(decoder, folder());
  EXPECT_LT(distance(decoder.forward({.vectors = decoder.vectors_of(expected.at("ids"))}).detach(), expected.at("ids.hidden")), 5e-5);
  Tensor soft = expected.at("soft.inputs_embeds").clone().requires_grad_();
  const Tensor real = expected.at("soft.attention_mask").to(at::kBool);
  const Tensor states = decoder.forward({.vectors = soft, .real = real}), loss = (states * expected.at("loss_weight")).sum();
  EXPECT_LT(distance(states.detach() * real.unsqueeze(-1), expected.at("soft.hidden")), 5e-5);
  EXPECT_NEAR(loss.item<double>(), expected.at("loss").item<double>(), 1e-3);
  loss.backward();
  EXPECT_LT(distance(soft.grad(), expected.at("grad.inputs_embeds")), 3e-4);
  int compared = 0;
  for (const auto& [name, weight] : adapter_weights(decoder)) {
    EXPECT_LT(distance(weight.grad(), expected.at("grad." + name)), 3e-4) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 42);
}

TEST_P(AdapterOracle, LearnsTheSameInThreeSteps) {
  const auto expected = read_tensors(folder() / "expected.safetensors");
  Decoder decoder(base());
  load_adapter(decoder, folder());
  Adam adam({.rate = 1e-3, .beta_1 = 0.9, .beta_2 = 0.999, .epsilon = 1e-8, .decay = 0.01, .clip = 0}, adapter_weights(decoder), {});
  const Tensor real = expected.at("soft.attention_mask").to(at::kBool);
  for (int step = 0; step < 3; ++step) {
    const Tensor loss = (decoder.forward({.vectors = expected.at("soft.inputs_embeds"), .real = real}) * expected.at("loss_weight")).sum();
    EXPECT_NEAR(loss.item<double>(), expected.at("loss_" + std::to_string(step)).item<double>(), 1e-3);
    loss.backward();
    adam.step(1, {});
    const std::string after = "after_" + std::to_string(step + 1) + ".";
    for (const auto& [name, weight] : adapter_weights(decoder)) {
      if (expected.count(after + name) == 0) continue;
      EXPECT_LT(distance(weight.detach(), expected.at(after + name)), 1e-5) << after << name;
    }
  }
}

TEST_P(AdapterOracle, IsTheSameOnceWrittenAndRead) {
  const at::NoGradGuard no_grad;
  const Scratch scratch;
  Decoder decoder(base()), again(base());
  const auto options = load_adapter(decoder, folder());
  save_adapter(decoder, options, scratch.folder(), GetParam());
  load_adapter(again, scratch.folder());
  const auto weights = adapter_weights(decoder), others = adapter_weights(again);
  ASSERT_EQ(weights.size(), others.size());
  for (const auto& [name, weight] : weights) EXPECT_TRUE(weight.equal(others.at(name))) << name;
}

INSTANTIATE_TEST_SUITE_P(Folders, AdapterOracle, testing::Values("llama2-tiny", "qwen2-tiny"), test_name);

}  // namespace
}  // namespace segue
