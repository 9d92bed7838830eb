#include "language/decoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/rms_norm.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/silu.h>

#include <algorithm>

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
  const int64_t past = input.past == nullptr ? 0 : input.past->length(), length = input.vectors.size(1);
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
  name_linears();
}

void Decoder::name_linears() {
  linears_.clear();
  for (size_t i = 0; i < layers_.size(); ++i) {
    Layer& one = layers_[i];
    const std::string of = "model.layers." + std::to_string(i);
    linears_.insert({{of + ".self_attn.q_proj", &one.q}, {of + ".self_attn.k_proj", &one.k}, {of + ".self_attn.v_proj", &one.v},
                     {of + ".self_attn.o_proj", &one.out}, {of + ".mlp.gate_proj", &one.gate}, {of + ".mlp.up_proj", &one.up},
                     {of + ".mlp.down_proj", &one.down}});
  }
}

std::shared_ptr<Decoder> Decoder::sharing() const {
  std::shared_ptr<Decoder> other(new Decoder(*this));
  other->name_linears();
  for (auto& [name, linear] : other->linears_) linear->adapter.reset();
  return other;
}

void Decoder::to(const at::TensorOptions& options) {
  const auto move = [&](Tensor& x) {
    if (x.defined()) x = x.to(options);
  };
  const bool tied = output_.is_same(input_);
  for (Tensor* one : {&input_, &last_norm_}) move(*one);
  if (tied) output_ = input_;
  else move(output_);
  for (auto& layer : layers_) {
    move(layer.norm_before);
    move(layer.norm_between);
  }
  for (auto& [name, linear] : linears_) {
    move(linear->weight);
    move(linear->bias);
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

std::pair<Tensor, Tensor> Decoder::keys_and_values(const Layer& layer, const Tensor& x, const Sight& sight, size_t number, const Input& input) const {
  Tensor k = Rotary::turn(heads_of(layer.k.forward(x, input.noise), config_.head), sight.angles);
  Tensor v = heads_of(layer.v.forward(x, input.noise), config_.head);
  if (input.past != nullptr && input.past->length() > 0) {
    const auto of_rows = [&](const Tensor& one) { return one.expand({x.size(0), -1, -1, -1}); };
    k = at::cat({of_rows(input.past->key[number]), k}, 2);
    v = at::cat({of_rows(input.past->value[number]), v}, 2);
  }
  if (input.into != nullptr) {
    auto &keys = input.into->key, &values = input.into->value;
    keys.resize(std::max(keys.size(), number + 1));
    values.resize(keys.size());
    keys[number] = k;
    values[number] = v;
  }
  return {k, v};
}

Tensor Decoder::attend(const Layer& layer, const Tensor& x, const Sight& sight, const std::pair<Tensor, Tensor>& seen, const Input& input) const {
  const Tensor q = Rotary::turn(heads_of(layer.q.forward(x, input.noise), config_.head), sight.angles);
  const auto mask = sight.mask.defined() ? std::optional<Tensor>(sight.mask) : std::nullopt;
  const Tensor y = at::scaled_dot_product_attention(q, seen.first, seen.second, mask, 0.0, sight.causal, std::nullopt, config_.key_heads != config_.heads);
  return layer.out.forward(y.transpose(1, 2).reshape({x.size(0), x.size(1), -1}), input.noise);
}

Tensor Decoder::forward(const Input& input) const {
  TORCH_CHECK(input.vectors.dim() == 3 && input.vectors.size(2) == config_.width, "Decoder: vectors must be [B, L, ", config_.width, "], got ", input.vectors.sizes());
  const Sight sight = sight_of(input);
  Tensor x = input.vectors;
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    if (input.before_layer) input.before_layer(x);
    Tensor y = norm(x, layer.norm_before);
    const auto seen = keys_and_values(layer, y, sight, i, input);
    if (input.keys_only && i + 1 == layers_.size()) return {};
    x = x + attend(layer, y, sight, seen, input);
    y = norm(x, layer.norm_between);
    x = x + layer.down.forward(at::silu(layer.gate.forward(y, input.noise)) * layer.up.forward(y, input.noise), input.noise);
  }
  return norm(x, last_norm_);
}

Tensor Decoder::vectors_of(const Tensor& ids) const { return at::embedding(input_, ids); }

Tensor Decoder::token_scores(const Tensor& states) const { return at::linear(states, output_); }

}  // namespace segue
