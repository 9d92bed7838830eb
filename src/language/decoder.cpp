#include "language/decoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/rms_norm.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/silu.h>

#include "core/error.h"

namespace segue {
namespace {

/// [B, L, heads · head] → [B, heads, L, head]
Tensor heads_of(const Tensor& x, int64_t head) { return x.view({x.size(0), x.size(1), -1, head}).transpose(1, 2); }

/// Which keys each query sees: bool [B or 1, 1, L, P + L].
Tensor visible(int64_t past, int64_t length, const Tensor& real, at::Device device) {
  const Tensor key = at::arange(past + length, at::TensorOptions(at::kLong).device(device)).unsqueeze(0);
  const Tensor query = key.narrow(1, past, length).t();  // [L, 1]
  if (!real.defined()) return (key <= query).unsqueeze(0).unsqueeze(0);
  // Padding sees itself, for a query that sees nothing has no softmax.
  return (((key <= query).unsqueeze(0) & real.unsqueeze(1)) | (key == query).unsqueeze(0)).unsqueeze(1);
}

}  // namespace

/// What all layers share: where the positions are, and who sees whom.
struct Decoder::Sight {
  Rotary::Angles angles;
  Tensor mask;  // undefined: each its past, or all of it
  bool causal;
};

Decoder::Sight Decoder::sight_of(const Input& input) const {
  const int64_t past = input.read == nullptr ? 0 : input.read->length(), length = input.vectors.size(1);
  const auto device = input.vectors.device();
  TORCH_CHECK(!input.real.defined() || input.real.size(1) == past + length, "Decoder: real must tell of ", past + length, " positions");
  const Tensor positions = input.positions.defined() ? input.positions : at::arange(past, past + length, at::TensorOptions(at::kLong).device(device)).unsqueeze(0);
  const auto angles = rotary_.at(positions);
  if (input.visible.defined()) return {angles, input.visible, false};
  if (!input.real.defined() && (past == 0 || length == 1)) return {angles, {}, past == 0};
  return {angles, visible(past, length, input.real, device), false};
}

Decoder::Decoder(const Path& folder, int64_t layers)
    : config_(read_decoder_config(folder)), rotary_(config_.head, config_.theta, config_.scaling) {
  if (layers < 0 || layers > config_.layers) throw Error("{}: has {} layers, so {} can't be kept", folder.string(), config_.layers, layers);
  if (layers > 0) config_.layers = layers;
  const Checkpoint weights(folder);
  input_ = weights.tensor("model.embed_tokens.weight", {config_.vocabulary, config_.width});
  output_ = config_.tied ? input_ : weights.tensor("lm_head.weight", {config_.vocabulary, config_.width});
  last_norm_ = weights.tensor("model.norm.weight", {config_.width});
  for (int64_t i = 0; i < config_.layers; ++i) layers_.push_back(layer(weights, i));
  for (int64_t i = 0; i < config_.layers; ++i) {
    Layer& one = layers_[static_cast<size_t>(i)];
    const std::string of = "model.layers." + std::to_string(i);
    linears_.insert({{of + ".self_attn.q_proj", &one.q}, {of + ".self_attn.k_proj", &one.k}, {of + ".self_attn.v_proj", &one.v},
                     {of + ".self_attn.o_proj", &one.out}, {of + ".mlp.gate_proj", &one.gate}, {of + ".mlp.up_proj", &one.up},
                     {of + ".mlp.down_proj", &one.down}});
  }
}

FrozenLinear Decoder::linear(const Checkpoint& weights, const std::string& name, int64_t in, int64_t out, bool bias) const {
  return {weights.tensor(name + ".weight", {out, in}), bias ? weights.tensor(name + ".bias", {out}) : Tensor()};
}

Decoder::Layer Decoder::layer(const Checkpoint& weights, int64_t number) const {
  const std::string of = "model.layers." + std::to_string(number) + ".";
  const int64_t H = config_.width, queries = config_.heads * config_.head, keys = config_.key_heads * config_.head;
  return {weights.tensor(of + "input_layernorm.weight", {H}),
          weights.tensor(of + "post_attention_layernorm.weight", {H}),
          linear(weights, of + "self_attn.q_proj", H, queries, config_.bias_qkv),
          linear(weights, of + "self_attn.k_proj", H, keys, config_.bias_qkv),
          linear(weights, of + "self_attn.v_proj", H, keys, config_.bias_qkv),
          linear(weights, of + "self_attn.o_proj", queries, H, config_.bias_out),
          linear(weights, of + "mlp.gate_proj", H, config_.inner, config_.bias_inner),
          linear(weights, of + "mlp.up_proj", H, config_.inner, config_.bias_inner),
          linear(weights, of + "mlp.down_proj", config_.inner, H, config_.bias_inner)};
}

Tensor Decoder::norm(const Tensor& x, const Tensor& weight) const { return at::rms_norm(x, {config_.width}, weight, config_.epsilon); }

Tensor Decoder::attend(const Layer& layer, const Tensor& x, const Sight& sight, int64_t number, const Input& input) const {
  const Tensor q = Rotary::turn(heads_of(layer.q.forward(x, input.noise), config_.head), sight.angles);
  Tensor k = Rotary::turn(heads_of(layer.k.forward(x, input.noise), config_.head), sight.angles);
  Tensor v = heads_of(layer.v.forward(x, input.noise), config_.head);
  if (input.read != nullptr) {
    auto &keys = input.read->key, &values = input.read->value;
    const auto at = static_cast<size_t>(number);
    if (keys.size() <= at) {
      keys.push_back(k);
      values.push_back(v);
    } else {
      k = keys[at] = at::cat({keys[at], k}, 2);
      v = values[at] = at::cat({values[at], v}, 2);
    }
  }
  const auto mask = sight.mask.defined() ? std::optional<Tensor>(sight.mask) : std::nullopt;
  const Tensor seen = at::scaled_dot_product_attention(q, k, v, mask, 0.0, sight.causal, std::nullopt, config_.key_heads != config_.heads);
  return layer.out.forward(seen.transpose(1, 2).reshape({x.size(0), x.size(1), -1}), input.noise);
}

Tensor Decoder::forward(const Input& input) const {
  const Tensor& given = input.vectors;
  TORCH_CHECK(given.dim() == 3 && given.size(2) == config_.width, "Decoder: vectors must be [B, L, ", config_.width, "], got ", given.sizes());
  const Sight sight = sight_of(input);
  Tensor x = given;
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    if (input.before_layer) input.before_layer(x);
    x = x + attend(layer, norm(x, layer.norm_before), sight, static_cast<int64_t>(i), input);
    const Tensor y = norm(x, layer.norm_between);
    x = x + layer.down.forward(at::silu(layer.gate.forward(y, input.noise)) * layer.up.forward(y, input.noise), input.noise);
  }
  return norm(x, last_norm_);
}

Tensor Decoder::vectors_of(const Tensor& ids) const { return at::embedding(input_, ids); }

Tensor Decoder::token_scores(const Tensor& states) const { return at::linear(states, output_); }

}  // namespace segue
