#include "language/decoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/rms_norm.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "core/error.h"
#include "layers/beside.h"
#include "layers/gated.h"

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

using Slopes = torch::autograd::variable_list;
using Pass = std::function<Slopes(const Tensor& x, const KeyValues::Pair& past, Noise* noise)>;

struct Held {
  Pass pass;
  std::optional<Noise> noise;
};

/// A pass whose insides are not kept, but worked out once more when the gradient comes (Chen et al., 2016,
/// arXiv:1604.06174). What learns inside gets its gradient then.
class Again : public torch::autograd::Function<Again> {
 public:
  static Slopes forward(torch::autograd::AutogradContext* context, const Tensor& x, const Tensor& keys, const Tensor& values, const Pass& pass, Noise* noise) {
    context->save_for_backward({x, keys, values});
    context->set_materialize_grads(false);
    Beside<Held>::keep(context, {pass, noise == nullptr ? std::nullopt : std::optional(*noise)});
    return pass(x, past_of(keys, values), noise);
  }

  static Slopes backward(torch::autograd::AutogradContext* context, const Slopes& slopes) {
    const Held& held = Beside<Held>::of(context);
    std::optional<Noise> noise = held.noise;
    const at::AutoGradMode with_gradient(true);
    Slopes from;
    for (const Tensor& one : context->get_saved_variables()) from.push_back(one.detach().requires_grad_(one.requires_grad()));
    const Slopes made = held.pass(from[0], past_of(from[1], from[2]), noise ? &*noise : nullptr);
    Slopes asked, by;  // of what something was made
    for (size_t i = 0; i < made.size(); ++i) {
      if (!slopes[i].defined()) continue;
      asked.push_back(made[i]);
      by.push_back(slopes[i]);
    }
    torch::autograd::backward(asked, by);
    Slopes back;
    for (const Tensor& one : from) back.push_back(one.requires_grad() ? one.grad() : Tensor());
    back.resize(5);
    return back;
  }

 private:
  /// What is not there is empty here, for a function of autograd takes nothing undefined.
  static KeyValues::Pair past_of(const Tensor& keys, const Tensor& values) { return keys.dim() == 4 ? KeyValues::Pair{keys, values} : KeyValues::Pair(); }
};

/// learns: something inside does, though x may not.
Slopes worked_out_again(const Pass& pass, const Tensor& x, const KeyValues::Pair& past, Noise* noise, bool learns) {
  if (!at::GradMode::is_enabled() || !(learns || x.requires_grad() || past[0].requires_grad())) return pass(x, past, noise);
  const Tensor from = x.requires_grad() ? x : x.detach().requires_grad_(), nothing = at::empty({0}, x.options());
  return past[0].defined() ? Again::apply(from, past[0], past[1], pass, noise) : Again::apply(from, nothing, nothing, pass, noise);
}

}  // namespace

/// What all layers share: where the positions are, and who sees whom.
struct Decoder::Sight {
  Rotary::Angles angles;
  Tensor mask;  // undefined: each its past, or all of it
  bool causal;

  Sight on(at::Device device) const { return {{angles.cos.to(device), angles.sin.to(device)}, mask.defined() ? mask.to(device) : mask, causal}; }
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

  Wanted on(at::Device device) const {
    Wanted there = *this;
    there.place = place.to(device);
    there.sight = sight.on(device);
    return there;
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

/// A layer's weights, held as long as it is at work, and its adapters.
struct Decoder::Layer {
  std::shared_ptr<const LayerWeights> weights;
  const Adapters& adapters;

  Tensor of(LayerWeights::Linear which, const Tensor& x, Noise* noise) const {
    return FrozenLinear{weights->matrix[which], weights->bias[which], adapters[which].adapter}.forward(x, noise);
  }
};

Decoder::Decoder(const Path& folder, const Options& options)
    : config_(read_decoder_config(folder)), rotary_(config_.head, config_.theta, config_.scaling) {
  const int64_t layers = options.layers;
  if (layers < 0 || layers > config_.layers) throw Error("{}: has {} layers, so {} can't be kept", folder.string(), config_.layers, layers);
  if (layers > 0) config_.layers = layers;
  const Checkpoint weights(folder);
  // Of what is read for tokens little is needed at a time, so it stays as it is stored.
  input_ = weights.mapped("model.embed_tokens.weight", {config_.vocabulary, config_.width});
  const Tensor scored = config_.tied ? input_ : weights.mapped("lm_head.weight", {config_.vocabulary, config_.width});
  output_ = {scored, scored.scalar_type() == at::kFloat ? Storage::f32 : Storage::bf16};
  last_norm_ = weights.tensor("model.norm.weight", {config_.width});
  layers_ = std::make_shared<LayerStore>(weights, config_, options.storage, options.room);
  Adapters adapters;
  for (size_t i = 0; i < LayerWeights::count; ++i) {
    const auto shape = LayerWeights::shape(config_, static_cast<LayerWeights::Linear>(i));
    adapters[i] = {shape.in, shape.out};
  }
  adapters_.assign(static_cast<size_t>(config_.layers), adapters);
}

Decoder::Layer Decoder::layer(size_t number) const { return {layers_->hold(static_cast<int64_t>(number)), adapters_[number]}; }

std::map<std::string, Decoder::Linear*> Decoder::linears() {
  std::map<std::string, Linear*> all;
  for (size_t i = 0; i < adapters_.size(); ++i) {
    for (size_t j = 0; j < LayerWeights::count; ++j) all.emplace("model.layers." + std::to_string(i) + "." + LayerWeights::names[j], &adapters_[i][j]);
  }
  return all;
}

std::map<std::string, const Decoder::Linear*> Decoder::linears() const {
  const auto all = const_cast<Decoder*>(this)->linears();
  return {all.begin(), all.end()};
}

bool Decoder::learns() const {
  return std::any_of(adapters_.begin(), adapters_.end(), [](const Adapters& of) { return std::any_of(of.begin(), of.end(), [](const Linear& one) { return one.adapter.has_value(); }); });
}

std::shared_ptr<Decoder> Decoder::sharing() const {
  std::shared_ptr<Decoder> other(new Decoder(*this));
  for (auto& of_layer : other->adapters_) {
    for (auto& one : of_layer) one.adapter.reset();
  }
  return other;
}

void Decoder::to(const at::TensorOptions& options) {
  const bool tied = output_.parts().numbers.is_same(input_);
  last_norm_ = last_norm_.to(options);
  input_ = input_.to(input_.scalar_type() == at::kFloat ? options : options.dtype(input_.scalar_type()));
  if (tied) output_ = {input_, output_.storage()};
  else output_.to(options);
  layers_->to(options);
}

Tensor Decoder::norm(const Tensor& x, const Tensor& weight) const { return at::rms_norm(x, {config_.width}, weight, config_.epsilon); }

KeyValues::Pair Decoder::seen(const Layer& layer, const Tensor& x, const KeyValues::Pair& past, const Sight& sight, Noise* noise) const {
  const KeyValues::Pair now{Rotary::turn(heads_of(layer.of(LayerWeights::k, x, noise), config_.head), sight.angles), heads_of(layer.of(LayerWeights::v, x, noise), config_.head)};
  if (!past[0].defined()) return now;
  const auto behind = [&](size_t i) { return at::cat({past[i].expand({x.size(0), -1, -1, -1}), now[i]}, 2); };
  return {behind(0), behind(1)};
}

Tensor Decoder::attend(const Layer& layer, const Tensor& x, const KeyValues::Pair& seen, const Sight& sight, Noise* noise) const {
  const Tensor q = Rotary::turn(heads_of(layer.of(LayerWeights::q, x, noise), config_.head), sight.angles);
  const auto mask = sight.mask.defined() ? std::optional<Tensor>(sight.mask) : std::nullopt;
  const Tensor y = at::scaled_dot_product_attention(q, seen[0], seen[1], mask, 0.0, sight.causal, std::nullopt, config_.key_heads != config_.heads);
  return layer.of(LayerWeights::out, y.transpose(1, 2).reshape({x.size(0), x.size(1), -1}), noise);
}

Tensor Decoder::through(const Layer& layer, const Tensor& all, const KeyValues::Pair& past, const Sight& sight, const Wanted* wanted, Noise* noise,
                        KeyValues::Pair* into) const {
  Tensor y = norm(all, layer.weights->norm_before);
  const KeyValues::Pair keys_and_values = seen(layer, y, past, sight, noise);
  if (into != nullptr) *into = keys_and_values;
  const Tensor x = wanted == nullptr ? all + attend(layer, y, keys_and_values, sight, noise)
                                     : wanted->of(all) + attend(layer, wanted->of(y), keys_and_values, wanted->sight, noise);
  y = norm(x, layer.weights->norm_between);
  return x + layer.of(LayerWeights::down, gated(layer.of(LayerWeights::gate, y, noise), layer.of(LayerWeights::up, y, noise)), noise);
}

Tensor Decoder::forward(const Input& input) const {
  TORCH_CHECK(input.vectors.dim() == 3 && input.vectors.size(2) == config_.width, "Decoder: vectors must be [B, L, ", config_.width, "], got ", input.vectors.sizes());
  const Sight sight = sight_of(input);
  std::shared_ptr<const Wanted> wanted;
  if (input.read.defined()) wanted = std::make_shared<Wanted>(input, sight);
  Tensor x = input.vectors;
  const auto home = device();
  const bool again = input.recompute || layers_->streams();
  for (size_t i = 0; i < adapters_.size(); ++i) {
    const bool last = i + 1 == adapters_.size();
    if (input.before_layer) input.before_layer(x);
    // Keys and values, and before them the states where they are wanted.
    const auto pass = [this, i, sight, home, only = last ? wanted : nullptr, keys_only = last && input.keys_only](const Tensor& from, const KeyValues::Pair& past, Noise* noise) {
      const Layer at_work = layer(i);
      const auto there = at_work.weights->norm_before.device();
      const auto moved = [&](const Tensor& x) { return x.defined() ? x.to(there) : x; };
      const Sight seen_there = sight.on(there);
      const KeyValues::Pair past_there{moved(past[0]), moved(past[1])};
      if (keys_only) {
        const auto [keys, values] = seen(at_work, norm(moved(from), at_work.weights->norm_before), past_there, seen_there, noise);
        return Slopes{keys.to(home), values.to(home)};
      }
      KeyValues::Pair both;
      const auto only_there = only == nullptr ? std::nullopt : std::optional(only->on(there));
      const Tensor states = through(at_work, moved(from), past_there, seen_there, only_there ? &*only_there : nullptr, noise, &both);
      return Slopes{both[0].to(home), both[1].to(home), states};
    };
    const KeyValues::Pair past = input.past == nullptr ? KeyValues::Pair() : input.past->of(i);
    const Slopes made = again ? worked_out_again(pass, x, past, input.noise, learns()) : pass(x, past, input.noise);
    if (input.into != nullptr) input.into->set(i, {made[0], made[1]});
    if (made.size() == 2) return {};
    x = made[2];
  }
  x = norm(x.to(home), last_norm_);
  return wanted == nullptr ? x : wanted->compact(x);
}

Tensor Decoder::vectors_of(const Tensor& ids) const { return at::embedding(input_, ids).to(last_norm_.scalar_type()); }

Tensor Decoder::token_scores(const Tensor& states) const {
  auto sizes = states.sizes().vec();
  sizes.back() = config_.vocabulary;
  return output_.product(states.reshape({-1, config_.width})).view(sizes);
}

}  // namespace segue
