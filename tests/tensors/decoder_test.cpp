#include "language/decoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/index_select.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "language/adapter.h"
#include "support/scratch.h"
#include "tensors/made_decoder.h"

namespace segue {
namespace {

Tensor states(const Decoder& decoder) {
  const at::NoGradGuard no_grad;
  return decoder.forward({.vectors = decoder.vectors_of(at::arange(12).view({2, 6}))});
}

/// What is said of a folder that `spoil` changed.
template <class Spoil>
std::string refusal(const Spoil& spoil) {
  const Scratch scratch;
  MadeDecoder made;
  try {
    spoil(made, scratch);
    const Decoder decoder(scratch.folder());
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was refused";
}

void expect_says(const std::string& refusal, const char* what) { EXPECT_NE(refusal.find(what), std::string::npos) << refusal; }

TEST(Decoder, ReadsOneFileAndShardsAlike) {
  const Scratch one, many;
  const MadeDecoder made;
  made.write(one.folder());
  made.write_shards(many.folder());
  EXPECT_TRUE(states(Decoder(one.folder())).equal(states(Decoder(many.folder()))));
}

TEST(Decoder, KeepsItsFirstLayers) {
  const Scratch scratch;
  MadeDecoder().write(scratch.folder());
  const Decoder all(scratch.folder()), first(scratch.folder(), 1);
  EXPECT_EQ(first.linears().size(), 7u);
  EXPECT_GT((states(all) - states(first)).abs().max().item<double>(), 0.01);
  expect_says(refusal([](auto& made, auto& folder) { made.write(folder.folder()); Decoder(folder.folder(), 3); }), "has 2 layers, so 3 can't be kept");
}

TEST(Decoder, GivesTheSameStatesWhereOnlySomeAreWanted) {
  const at::NoGradGuard no_grad;
  const Scratch scratch;
  MadeDecoder().write(scratch.folder());
  const Decoder decoder(scratch.folder());
  const Tensor vectors = decoder.vectors_of(at::arange(18).view({3, 6}));
  KeyValues past;
  decoder.forward({.vectors = decoder.vectors_of(at::arange(20, 24).view({1, 4})), .into = &past});
  const Tensor read = tensor_of(std::vector<int64_t>{0, 3, 5, 14, 13}, {5});  // three of the first row, none of the second, two of the third, not in order
  for (const KeyValues* before : {static_cast<const KeyValues*>(nullptr), static_cast<const KeyValues*>(&past)}) {
    const Tensor all = decoder.forward({.vectors = vectors, .past = before}), some = decoder.forward({.vectors = vectors, .past = before, .read = read});
    EXPECT_LT((all.reshape({18, -1}).index_select(0, read) - some).abs().max().item<double>(), 1e-5);
  }
}

TEST(Decoder, HasTheSameGradientWhereActivationsAreWorkedOutAgain) {
  const Scratch scratch;
  MadeDecoder().write(scratch.folder());
  const auto slopes = [&](bool recompute) {
    Decoder decoder(scratch.folder());
    const auto weights = add_moved_adapter(decoder);
    KeyValues past;
    decoder.forward({.vectors = decoder.vectors_of(at::arange(20, 24).view({1, 4})), .into = &past});
    const Tensor vectors = decoder.vectors_of(at::arange(12).view({2, 6})).clone().requires_grad_();
    Noise noise(3, 1);
    const Tensor read = tensor_of(std::vector<int64_t>{2, 5, 8}, {3});
    (decoder.forward({.vectors = vectors, .noise = &noise, .past = &past, .read = read, .recompute = recompute}).square().sum()).backward();
    std::vector<Tensor> all{vectors.grad()};
    for (const auto& [name, weight] : weights) all.push_back(weight.grad());
    return all;
  };
  const auto kept = slopes(false), again = slopes(true);
  ASSERT_EQ(kept.size(), 29u);
  for (size_t i = 0; i < kept.size(); ++i) {
    EXPECT_TRUE(kept[i].equal(again[i])) << i;
    EXPECT_GT(kept[i].abs().max().item<double>(), 0) << i;
  }
}

TEST(Decoder, ReadsBothSpellingsOfItsPositions) {
  const Scratch old, fresh;
  MadeDecoder made;
  made.config["rope_theta"] = 500.0;
  made.config["rope_scaling"] = {{"rope_type", "llama3"}, {"factor", 8.0}, {"low_freq_factor", 1.0}, {"high_freq_factor", 4.0}, {"original_max_position_embeddings", 16}};
  made.write(old.folder());
  made.config["rope_parameters"] = made.config["rope_scaling"];
  made.config["rope_parameters"]["rope_theta"] = 500.0;
  made.config.erase("rope_theta");
  made.config.erase("rope_scaling");
  made.write(fresh.folder());
  EXPECT_TRUE(states(Decoder(old.folder())).equal(states(Decoder(fresh.folder()))));
}

TEST(Decoder, SaysWhatIsWrongWithAFolder) {
  expect_says(refusal([](auto&, auto&) {}), "no config.json here");
  expect_says(refusal([](auto&, auto& folder) { folder.file("config.json", "{"); }), "damaged");
  expect_says(refusal([](auto& made, auto& folder) { made.config["architectures"] = {"Gpt9"}; made.write(folder.folder()); }), "no architecture 'Gpt9'; known: LlamaForCausalLM, Qwen2ForCausalLM");
  expect_says(refusal([](auto& made, auto& folder) { made.config.erase("hidden_size"); made.write(folder.folder()); }), "hidden_size");
  expect_says(refusal([](auto& made, auto& folder) { made.config["num_key_value_heads"] = 3; made.write(folder.folder()); }), "4 heads can't share 3 keys");
  expect_says(refusal([](auto& made, auto& folder) { made.config["hidden_act"] = "gelu"; made.write(folder.folder()); }), "hidden_act 'gelu'");
  expect_says(refusal([](auto& made, auto& folder) { made.config["rope_scaling"] = {{"rope_type", "yarn"}}; made.write(folder.folder()); }), "scaled as 'yarn'");
  expect_says(refusal([](auto& made, auto& folder) { made.write(folder.folder()); std::filesystem::remove(folder / "model.safetensors"); }), "no weights here");
  expect_says(refusal([](auto& made, auto& folder) { made.weights.erase("model.norm.weight"); made.write(folder.folder()); }), "no 'model.norm.weight'");
  expect_says(refusal([](auto& made, auto& folder) { made.weights["model.norm.weight"] = at::randn({15}); made.write(folder.folder()); }), "is [15], but its config.json says [16]");
  expect_says(refusal([](auto& made, auto& folder) { made.weights["model.norm.weight"] = at::arange(16); made.write(folder.folder()); }), "not stored in f32, bf16 or f16");
  expect_says(refusal([](auto& made, auto& folder) { made.write_shards(folder.folder()); std::filesystem::remove(folder / "b.safetensors"); }), "names a shard 'b.safetensors'");
  expect_says(refusal([](auto& made, auto& folder) { made.write_shards(folder.folder()); write_file(folder / "model.safetensors.index.json", "[]"); }), "in which file each weight is");
  expect_says(refusal([](auto& made, auto& folder) {
                made.write_shards(folder.folder());
                write_file(folder / "model.safetensors.index.json", R"({"weight_map": {"model.norm.weight": "../a.safetensors"}})");
              }), "not beside it");
}

class Adapter : public testing::Test {
 protected:
  void SetUp() override { MadeDecoder().write(base_.folder()); }
  std::string refused() const {
    try {
      Decoder decoder(base_.folder());
      load_adapter(decoder, adapter_.folder());
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was refused";
  }
  /// An adapter of this decoder, with one setting of its file changed.
  std::string refused_with(const char* name, const nlohmann::json& value) {
    Decoder decoder(base_.folder());
    add_adapter(decoder, {.rank = 2}, 1);
    save_adapter(decoder, {.rank = 2}, adapter_.folder(), "made");
    auto json = nlohmann::json::parse(read_file(adapter_ / "adapter_config.json"));
    json[name] = value;
    write_file(adapter_ / "adapter_config.json", json.dump());
    return refused();
  }

  Scratch base_, adapter_;
};

TEST_F(Adapter, IsRefusedWhereItIsOfAnotherModel) {
  Decoder decoder(base_.folder());
  add_adapter(decoder, {.rank = 2}, 1);
  save_adapter(decoder, {.rank = 2}, adapter_.folder(), "made", checkpoint_fingerprint(base_.folder()));
  EXPECT_NO_THROW(load_adapter(decoder, adapter_.folder(), {}, checkpoint_fingerprint(base_.folder())));
  const Scratch other;
  MadeDecoder(2).write(other.folder());
  EXPECT_NE(checkpoint_fingerprint(base_.folder()), checkpoint_fingerprint(other.folder()));
  try {
    load_adapter(decoder, adapter_.folder(), {}, checkpoint_fingerprint(other.folder()));
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("an adapter of another language model"), std::string::npos) << error.what();
  }
}

TEST_F(Adapter, BeginsAsTheDecoderIsAndEqualSeedsGiveEqualBits) {
  Decoder plain(base_.folder()), one(base_.folder()), other(base_.folder());
  add_adapter(one, {.rank = 2}, 5);
  add_adapter(other, {.rank = 2}, 5);
  EXPECT_TRUE(states(plain).equal(states(one)));
  const auto weights = adapter_weights(one), others = adapter_weights(other);
  EXPECT_EQ(weights.size(), 28u);
  for (const auto& [name, weight] : weights) EXPECT_TRUE(weight.equal(others.at(name))) << name;
  Decoder third(base_.folder());
  add_adapter(third, {.rank = 2, .layers = {"q_proj", "v_proj"}}, 5);
  EXPECT_EQ(adapter_weights(third).size(), 8u);
}

TEST_F(Adapter, GetsAGradientInEveryFactorOnceNeitherIsNothing) {
  Decoder decoder(base_.folder());
  add_adapter(decoder, {.rank = 2, .alpha = 4, .rank_stabilised = true}, 5);
  for (const auto& [name, weight] : adapter_weights(decoder)) {
    const at::NoGradGuard no_grad;
    weight.copy_(at::randn(weight.sizes()));
  }
  decoder.forward({.vectors = decoder.vectors_of(at::arange(6).view({1, 6}))}).square().sum().backward();
  for (const auto& [name, weight] : adapter_weights(decoder)) EXPECT_GT(weight.grad().abs().max().item<double>(), 0) << name;
}

TEST_F(Adapter, SaysWhatIsWrongWithAFolder) {
  expect_says(refused(), "no adapter here");
  expect_says(refused_with("peft_type", "IA3"), "no adapter of LoRA");
  expect_says(refused_with("use_dora", true), "use_dora is true, which is not supported");
  expect_says(refused_with("bias", "all"), "bias is");
  expect_says(refused_with("r", 3), "adapter_model.safetensors");
  expect_says(refused_with("target_modules", {"q_proj", "wq"}), "no layer 'wq' to adapt");
  expect_says(refused_with("target_modules", {"q_proj"}), "adapter_model.safetensors");
  expect_says(refused_with("lora_alpha", "much"), "not as PEFT writes it");
}

}  // namespace
}  // namespace segue
