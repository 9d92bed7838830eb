#include "language/decoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/core/ivalue.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/rms_norm.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/silu.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

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

using Pass = std::function<Tensor(const Tensor& x, const KeyValues::Pair& past, Noise* noise)>;

struct Held : torch::CustomClassHolder {
  Held(Pass held, const Noise* from) : pass(std::move(held)) {
    if (from != nullptr) noise = *from;
  }
  Pass pass;
  std::optional<Noise> noise;
};

/// A pass whose insides are not kept, but worked out once more when the gradient comes (Chen et al., 2016,
/// arXiv:1604.06174). What learns inside gets its gradient then.
class Again : public torch::autograd::Function<Again> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x, const Tensor& keys, const Tensor& values, const Pass& pass, Noise* noise) {
    context->save_for_backward({x, keys, values});
    context->saved_data["held"] = c10::IValue::make_capsule(c10::make_intrusive<Held>(pass, noise));
    return pass(x, {keys, values}, noise);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, const torch::autograd::variable_list& slopes) {
    const auto capsule = context->saved_data.at("held").toCapsule();
    const auto& held = static_cast<const Held&>(*capsule);
    std::optional<Noise> noise = held.noise;
    const at::AutoGradMode with_gradient(true);
    std::vector<Tensor> from;
    for (const Tensor& one : context->get_saved_variables()) from.push_back(one.defined() ? one.detach().requires_grad_(one.requires_grad()) : Tensor());
    const Tensor y = held.pass(from[0], {from[1], from[2]}, noise ? &*noise : nullptr);
    torch::autograd::backward({y}, {slopes[0]});
    torch::autograd::variable_list back;
    for (const Tensor& one : from) back.push_back(one.defined() && one.requires_grad() ? one.grad() : Tensor());
    back.resize(5);
    return back;
  }
};

Tensor worked_out_again(const Pass& pass, const Tensor& x, const KeyValues::Pair& past, Noise* noise) {
  if (!at::GradMode::is_enabled() || !x.requires_grad()) return pass(x, past, noise);
  return Again::apply(x, past[0], past[1], pass, noise);
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

/// The places whose states are wanted, as many in every row as in the one with most, and what they see.
struct Decoder::Wanted {
  Wanted(const Input& input, const Sight& all) : rows(input.vectors.size(0)), length(input.vectors.size(1)) {
    const int64_t m = input.read.numel();
    const auto* const read = input.read.const_data_ptr<int64_t>();
    std::vector<int64_t> of_row(static_cast<size_t>(rows)), slots(static_cast<size_t>(m));
    for (int64_t i = 0; i < m; ++i) slots[static_cast<size_t>(i)] = of_row[static_cast<size_t>(read[i] / length)]++;
    each = std::max<int64_t>(1, *std::max_element(of_row.begin(), of_row.end()));
    std::vector<int64_t> places(static_cast<size_t>(rows * each));
    for (int64_t b = 0; b < rows; ++b) std::fill_n(places.begin() + b * each, each, b * length);
    for (int64_t i = 0; i < m; ++i) {
      int64_t& slot = slots[static_cast<size_t>(i)];
      slot += read[i] / length * each;
      places[static_cast<size_t>(slot)] = read[i];
    }
    const auto device = input.vectors.device();
    place = tensor_of(places, {rows * each}).to(device);
    slot = tensor_of(slots, {m}).to(device);
    const int64_t past = input.past == nullptr ? 0 : input.past->length();
    const Tensor mask = all.mask.defined() ? all.mask : visible(past, length, {}, device);
    sight = {{rows_of(all.angles.cos), rows_of(all.angles.sin)}, rows_of(mask), false};
  }

  /// [B, L, H] → [B, each, H]
  Tensor of(const Tensor& x) const { return x.reshape({rows * length, -1}).index_select(0, place).view({rows, each, -1}); }
  /// [B, each, H] → [m, H]
  Tensor compact(const Tensor& x) const { return x.reshape({rows * each, -1}).index_select(0, slot); }

  int64_t rows, length, each;
  Tensor place, slot;  // int64 [B · each] of b · L + t, [m] of b · each + i
  Sight sight;

 private:
  /// [B or 1, 1, L, n] → [B, 1, each, n]
  Tensor rows_of(const Tensor& x) const {
    const Tensor chosen = x.size(0) == 1 ? x[0][0].index_select(0, place.remainder(length)) : x.reshape({rows * length, -1}).index_select(0, place);
    return chosen.view({rows, 1, each, -1});
  }
};

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

KeyValues::Pair Decoder::seen(const Layer& layer, const Tensor& x, const KeyValues::Pair& past, const Sight& sight, Noise* noise) const {
  const KeyValues::Pair now{Rotary::turn(heads_of(layer.k.forward(x, noise), config_.head), sight.angles), heads_of(layer.v.forward(x, noise), config_.head)};
  if (!past[0].defined()) return now;
  const auto behind = [&](size_t i) { return at::cat({past[i].expand({x.size(0), -1, -1, -1}), now[i]}, 2); };
  return {behind(0), behind(1)};
}

Tensor Decoder::attend(const Layer& layer, const Tensor& x, const KeyValues::Pair& seen, const Sight& sight, Noise* noise) const {
  const Tensor q = Rotary::turn(heads_of(layer.q.forward(x, noise), config_.head), sight.angles);
  const auto mask = sight.mask.defined() ? std::optional<Tensor>(sight.mask) : std::nullopt;
  const Tensor y = at::scaled_dot_product_attention(q, seen[0], seen[1], mask, 0.0, sight.causal, std::nullopt, config_.key_heads != config_.heads);
  return layer.out.forward(y.transpose(1, 2).reshape({x.size(0), x.size(1), -1}), noise);
}

Tensor Decoder::through(const Layer& layer, const Tensor& all, const KeyValues::Pair& past, const Sight& sight, const Wanted* wanted, Noise* noise,
                        KeyValues::Pair* into) const {
  Tensor y = norm(all, layer.norm_before);
  const KeyValues::Pair keys_and_values = seen(layer, y, past, sight, noise);
  if (into != nullptr) *into = keys_and_values;
  const Tensor x = wanted == nullptr ? all + attend(layer, y, keys_and_values, sight, noise)
                                     : wanted->of(all) + attend(layer, wanted->of(y), keys_and_values, wanted->sight, noise);
  y = norm(x, layer.norm_between);
  return x + layer.down.forward(at::silu(layer.gate.forward(y, noise)) * layer.up.forward(y, noise), noise);
}

Tensor Decoder::forward(const Input& input) const {
  TORCH_CHECK(input.vectors.dim() == 3 && input.vectors.size(2) == config_.width, "Decoder: vectors must be [B, L, ", config_.width, "], got ", input.vectors.sizes());
  const Sight sight = sight_of(input);
  std::shared_ptr<const Wanted> wanted;
  if (input.read.defined()) wanted = std::make_shared<Wanted>(input, sight);
  Tensor x = input.vectors;
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const bool last = i + 1 == layers_.size();
    if (input.before_layer) input.before_layer(x);
    const KeyValues::Pair past = input.past == nullptr ? KeyValues::Pair() : input.past->of(i);
    if (last && input.keys_only) {
      input.into->set(i, seen(layer, norm(x, layer.norm_before), past, sight, input.noise));
      return {};
    }
    const auto only = last ? wanted : nullptr;
    if (input.recompute && input.into == nullptr) {
      const auto pass = [this, &layer, sight, only](const Tensor& from, const KeyValues::Pair& before, Noise* noise) {
        return through(layer, from, before, sight, only.get(), noise, nullptr);
      };
      x = worked_out_again(pass, x, past, input.noise);
      continue;
    }
    KeyValues::Pair keys_and_values;
    x = through(layer, x, past, sight, only.get(), input.noise, &keys_and_values);
    if (input.into != nullptr) input.into->set(i, keys_and_values);
  }
  x = norm(x, last_norm_);
  return wanted == nullptr ? x : wanted->compact(x);
}

Tensor Decoder::vectors_of(const Tensor& ids) const { return at::embedding(input_, ids); }

Tensor Decoder::token_scores(const Tensor& states) const { return at::linear(states, output_); }

}  // namespace segue
