// States of the three backbones against weights and states made by another implementation from the same papers.
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include <map>

#include "backbones/bert4rec.h"
#include "backbones/gru4rec.h"
#include "backbones/sasrec.h"
#include "core/tensor_files.h"
#include "support/oracles.h"
#include "training/sampled_softmax.h"

namespace segue {
namespace {

struct Oracle {
  nlohmann::json config;
  NamedTensors weights, expected;
};

std::optional<Oracle> oracle(const std::string& name) {
  const Path folder = oracles() / "sequential";
  if (!std::filesystem::exists(folder / "config.json")) return {};
  return Oracle{nlohmann::json::parse(read_file(folder / "config.json")), read_tensors(folder / (name + ".weights.safetensors")),
                read_tensors(folder / (name + ".expected.safetensors"))};
}

/// Fills a module's parameters from weights under other names; all of the module's must be there.
void load(torch::nn::Module& module, const NamedTensors& weights, const std::map<std::string, std::string>& names) {
  const at::NoGradGuard no_grad;
  for (auto& pair : module.named_parameters()) {
    std::string name = pair.key();
    for (const auto& [ours, theirs] : names) {
      if (const size_t at = name.find(ours); at != std::string::npos) name.replace(at, ours.size(), theirs);
    }
    ASSERT_TRUE(weights.contains(name)) << name << " for " << pair.key();
    pair.value().copy_(weights.at(name));
  }
}

/// Rows padded on either side → padded on the right; `slot` is the place where each stood.
struct Moved {
  Batch batch;
  std::vector<int64_t> from;  // [B] first real place
};

Moved to_the_right(const Tensor& ids) {
  const int64_t rows = ids.size(0), length = ids.size(1);
  Moved moved;
  moved.batch.track = at::zeros_like(ids);
  moved.batch.slot = at::zeros_like(ids);
  for (int64_t b = 0; b < rows; ++b) {
    int64_t t = 0;
    while (ids[b][t].item<int64_t>() == 0) ++t;
    moved.from.push_back(t);
    for (int64_t i = t; i < length && ids[b][i].item<int64_t>() != 0; ++i) {
      moved.batch.track[b][i - t] = ids[b][i];
      moved.batch.slot[b][i - t] = i;
    }
  }
  moved.batch.played = moved.batch.track.ne(0);
  return moved;
}

void expect_states(const Moved& moved, const Tensor& states, const Tensor& expected) {
  double worst = 0;
  for (int64_t b = 0; b < states.size(0); ++b) {
    for (int64_t t = 0; t + moved.from[static_cast<size_t>(b)] < states.size(1); ++t) {
      if (!moved.batch.played[b][t].item<bool>()) continue;
      worst = std::max(worst, (states[b][t] - expected[b][t + moved.from[static_cast<size_t>(b)]]).abs().max().item<double>());
    }
  }
  EXPECT_LT(worst, 5e-5);
}

/// Cross-entropy of targets over all real tracks by the last real state, as the oracle's `loss`: both our ways.
void expect_loss(const Moved& moved, const Tensor& states, const Tensor& table, const Oracle& from, const std::string& key) {
  const int64_t rows = states.size(0), items = from.config["items"];
  Targets t;
  std::vector<Tensor> last;
  for (int64_t b = 0; b < rows; ++b) last.push_back(states[b][moved.batch.played[b].sum().item<int64_t>() - 1]);
  t.states = at::stack(last);
  t.vectors = table;
  t.scale = at::ones({});
  t.label = from.expected.at("target");
  t.weight = at::ones({rows}) / static_cast<double>(rows);
  t.negative = at::arange(1, items + 1, at::kLong);
  const double expected = from.expected.at(key).item<double>();
  EXPECT_NEAR(plain_softmax_loss(t).item<double>(), expected, 1e-5 * std::max(1.0, expected));
  EXPECT_NEAR(fused_softmax_loss(t).item<double>(), expected, 1e-5 * std::max(1.0, expected));
}

TEST(SequentialOracle, SasRecHasTheSameStates) {
  const auto from = oracle("sasrec");
  if (!from) GTEST_SKIP() << "no oracles at " << oracles();
  SasRec backbone({.blocks = from->config["blocks"], .heads = from->config["heads"], .dropout = 0}, {from->config["hidden"], from->config["length"]});
  load(backbone, from->weights, {{"blocks_", "blocks."}, {"inner", "ffn.0"}, {"outer", "ffn.1"}, {"positions", "pos_emb.weight"}});
  const auto moved = to_the_right(from->expected.at("ids"));
  const Tensor table = from->weights.at("item_emb.weight");
  const at::NoGradGuard no_grad;
  const Tensor states = backbone.forward(moved.batch, at::embedding(table, moved.batch.track));
  expect_states(moved, states, from->expected.at("pad_masked.hidden"));
  expect_loss(moved, states, table, *from, "pad_masked.loss");
}

TEST(SequentialOracle, Bert4RecHasTheSameStates) {
  const auto from = oracle("bert4rec");
  if (!from) GTEST_SKIP() << "no oracles at " << oracles();
  Bert4Rec backbone({.blocks = from->config["blocks"], .heads = from->config["heads"], .dropout = 0}, {from->config["hidden"], from->config["length"]});
  load(backbone, from->weights, {{"blocks_", "blocks."}, {"inner", "ffn.0"}, {"outer", "ffn.1"}, {"positions", "pos_emb.weight"}});
  const auto moved = to_the_right(from->expected.at("ids"));
  const at::NoGradGuard no_grad;
  expect_states(moved, backbone.forward(moved.batch, at::embedding(from->weights.at("item_emb.weight"), moved.batch.track)), from->expected.at("hidden"));
}

TEST(SequentialOracle, Gru4RecHasTheSameStates) {
  const auto from = oracle("gru4rec");
  if (!from) GTEST_SKIP() << "no oracles at " << oracles();
  Gru4Rec backbone({.hidden = from->config["gru_hidden"], .layers = 1, .dropout = 0}, {from->config["hidden"], from->config["length"]});
  load(backbone, from->weights, {{"_l0", ""}, {"weight_ih", "gru.weight_ih"}, {"weight_hh", "gru.weight_hh"}, {"bias_ih", "gru.bias_ih"}, {"bias_hh", "gru.bias_hh"}});
  const auto moved = to_the_right(from->expected.at("ids"));
  const Tensor table = from->weights.at("item_emb.weight");
  const at::NoGradGuard no_grad;
  const Tensor states = backbone.forward(moved.batch, at::embedding(table, moved.batch.track));
  expect_states(moved, states, from->expected.at("hidden"));
  expect_loss(moved, states, table, *from, "loss");
}

}  // namespace
}  // namespace segue
