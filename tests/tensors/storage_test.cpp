// Decoders whose layers are kept in less room, or read anew each time.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <functional>
#include <thread>

#include "core/error.h"
#include "language/adapter.h"
#include "language/quantise.h"
#include "support/scratch.h"
#include "tensors/made_decoder.h"

namespace segue {
namespace {

constexpr int64_t layer_and_a_half = 12'000;  // bytes of a made decoder's in f32

Tensor some_ids() { return at::arange(12).view({2, 6}); }

Tensor states(const Decoder& decoder) {
  const at::NoGradGuard no_grad;
  return decoder.forward({.vectors = decoder.vectors_of(some_ids())});
}

/// States of a step with an adapter behind an instruction, and all its slopes.
std::vector<Tensor> learned(Decoder& decoder, bool recompute) {
  const auto weights = add_moved_adapter(decoder);
  Noise noise(3, 1);
  KeyValues past;
  decoder.forward({.vectors = decoder.vectors_of(at::arange(20, 24).view({1, 4})), .into = &past, .keys_only = true, .recompute = recompute});
  const Tensor vectors = decoder.vectors_of(some_ids()).clone().requires_grad_();
  const Tensor y = decoder.forward({.vectors = vectors, .noise = &noise, .past = &past, .recompute = recompute});
  y.square().sum().backward();
  std::vector<Tensor> all{y.detach(), vectors.grad()};
  for (const auto& [name, weight] : weights) all.push_back(weight.grad());
  return all;
}

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was refused";
}

void expect_says(const std::string& refusal, const char* what) { EXPECT_NE(refusal.find(what), std::string::npos) << refusal; }

TEST(LayerStore, GivesTheSameBitsWithABudget) {
  const Scratch scratch;
  MadeDecoder().write(scratch.folder());
  Decoder plain(scratch.folder()), streamed(scratch.folder(), {.room = {layer_and_a_half}});
  EXPECT_TRUE(states(plain).equal(states(streamed)));
  const auto kept = learned(plain, false), again = learned(streamed, false);
  ASSERT_EQ(kept.size(), 30u);
  for (size_t i = 0; i < kept.size(); ++i) {
    EXPECT_TRUE(kept[i].equal(again[i])) << i;
    EXPECT_GT(kept[i].abs().max().item<double>(), 0) << i;
  }
}

TEST(LayerStore, ServesSeveralThreadsWithinARoomForOne) {
  const Scratch scratch;
  MadeDecoder().write(scratch.folder());
  const Decoder plain(scratch.folder()), streamed(scratch.folder(), {.room = {layer_and_a_half}});
  const Tensor right = states(plain);
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 20; ++turn) wrong += states(streamed).equal(right) ? 0 : 1;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(LayerStore, FillsDevicesInOrder) {
  using Taken = std::vector<int64_t>;
  EXPECT_EQ(spread_layers(80, 100, {}), (Taken{80}));
  EXPECT_EQ(spread_layers(80, 100, {5000, 2600}), (Taken{40, 20, 20}));  // four fifths of what is free
  EXPECT_EQ(spread_layers(80, 100, {50'000, 5000}), (Taken{80, 0, 0}));
  EXPECT_EQ(spread_layers(80, 100, {99}), (Taken{0, 80}));
}

TEST(LayerStore, SaysWhatWouldFit) {
  const Scratch scratch;
  MadeDecoder().write(scratch.folder());
  expect_says(refusal([&] { Decoder(scratch.folder(), {.room = {5000}}); }), "a layer of");
  expect_says(refusal([&] { Decoder(scratch.folder(), {.storage = Storage::nf4, .room = {6000}}); }), "segue quantise does it once");
}

TEST(LayerStore, SaysThatAFileCantBeReadAnyMore) {
  const Scratch scratch;
  MadeDecoder().write(scratch.folder());
  const Decoder streamed(scratch.folder(), {.room = {layer_and_a_half}});
  states(streamed);
  std::filesystem::resize_file(scratch / "model.safetensors", 1000);
  expect_says(refusal([&] { states(streamed); }), "can't be read any more: the file has become shorter");
}

class EveryQuantisation : public testing::TestWithParam<Storage> {};

TEST_P(EveryQuantisation, IsTheSameMadeAtOnceOrKept) {
  const Scratch scratch;
  MadeDecoder().write_with_tokenizer(scratch / "model");
  const auto done = quantise(scratch / "model", scratch / "kept", GetParam());
  EXPECT_EQ(done.layers, 2);
  EXPECT_EQ(done.matrices, 14);
  EXPECT_GT(done.relative_error, 0.001);
  EXPECT_LT(done.relative_error, 0.12);
  EXPECT_TRUE(std::filesystem::exists(scratch / "kept" / "tokenizer.json"));
  Decoder made(scratch / "model", {.storage = GetParam()}), kept(scratch / "kept", 0);
  Decoder streamed(scratch / "kept", {.room = {GetParam() == Storage::int8 ? 12'000 : 7000}});
  EXPECT_TRUE(states(made).equal(states(kept)));
  EXPECT_TRUE(states(made).equal(states(streamed)));
  const auto right = learned(made, false), again = learned(streamed, false);
  for (size_t i = 0; i < right.size(); ++i) EXPECT_TRUE(right[i].equal(again[i])) << i;
  EXPECT_EQ(checkpoint_fingerprint(scratch / "kept"), checkpoint_fingerprint(scratch / "model"));
}

TEST_P(EveryQuantisation, GoesOnAndRefusesWhatIsOfAnother) {
  const Scratch scratch;
  MadeDecoder().write(scratch / "model");
  MadeDecoder(2).write(scratch / "other");
  const Path kept = scratch / "kept";
  const auto first = quantise(scratch / "model", kept, GetParam());
  std::filesystem::remove(kept / "config.json");
  std::filesystem::remove(kept / "model-00002-of-00003.safetensors");
  const auto before = std::filesystem::last_write_time(kept / "model-00001-of-00003.safetensors");
  const auto second = quantise(scratch / "model", kept, GetParam());
  EXPECT_EQ(std::filesystem::last_write_time(kept / "model-00001-of-00003.safetensors"), before);
  EXPECT_EQ(second.relative_error, first.relative_error);
  EXPECT_EQ(second.bytes_after, first.bytes_after);
  expect_says(refusal([&] { quantise(scratch / "other", kept, GetParam()); }), "has another model in it");
  std::filesystem::remove(kept / "config.json");
  expect_says(refusal([&] { quantise(scratch / "other", kept, GetParam()); }), "is of another model or storage");
  quantise(scratch / "model", kept, GetParam());
  expect_says(refusal([&] { quantise(kept, scratch / "twice", GetParam()); }), "is quantised already");
  expect_says(refusal([&] { Decoder(kept, {.storage = Storage::f32}); }), "of which f32 can't be made");
  MadeDecoder strange;
  strange.weights.at("model.layers.1.mlp.up_proj.weight")[3][5] = NAN;
  strange.write(scratch / "strange");
  expect_says(refusal([&] { quantise(scratch / "strange", scratch / "third", GetParam()); }), "'model.layers.1.mlp.up_proj.weight' has numbers that are not finite");
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryQuantisation, testing::Values(Storage::int8, Storage::nf4), [](const auto& row) { return name_of(row.param); });

}  // namespace
}  // namespace segue
