#include "encoders/text_transformer.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/layer_norm.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace segue {
namespace {

/// Whether all exponents are below their largest.
bool all_finite(const Tensor& x) {
  const Tensor from = x.contiguous();
  const auto* const numbers = from.const_data_ptr<float>();
  uint32_t bad = 0;
  for (int64_t i = 0; i < from.numel(); ++i) bad |= (std::bit_cast<uint32_t>(numbers[i]) & 0x7f800000U) == 0x7f800000U ? 1 : 0;
  return bad == 0;
}

}  // namespace

/// Weights by their names without the prefix.
class TextTransformer::Reader {
 public:
  Reader(const Checkpoint& weights, const TextConfig& config, const Options& options) : weights_(weights), storage_(options.storage.value_or(Storage::f32)), prefix_(options.prefix) {
    const std::string known = "embeddings.word_embeddings.weight", longer = config.architecture.inside;
    if (prefix_.empty() && !weights.has(known) && weights.has(longer + known)) prefix_ = longer;
  }

  bool has(const std::string& name) const { return weights_.has(prefix_ + name); }

  Tensor tensor(const std::string& name, at::IntArrayRef shape) const {
    Tensor read = weights_.tensor(prefix_ + name, shape);
    if (!all_finite(read)) throw Error("{}: '{}' has numbers that are not finite", weights_.folder().string(), prefix_ + name);
    return read;
  }

  Linear linear(const std::vector<std::string>& names, int64_t out, int64_t in) const {
    std::vector<Tensor> weight, bias;
    for (const auto& name : names) {
      weight.push_back(tensor(name + ".weight", {out, in}));
      bias.push_back(tensor(name + ".bias", {out}));
    }
    const Tensor whole = names.size() == 1 ? weight[0] : at::cat(weight), added = names.size() == 1 ? bias[0] : at::cat(bias);
    if (storage_ == Storage::int8) return {{{}, added}, ByteMatrix(whole)};
    return {{{whole, storage_}, added}, {}};
  }

  /// Older checkpoints call them gamma and beta.
  Norm norm(const std::string& name, int64_t width) const {
    const bool older = !has(name + ".weight") && has(name + ".gamma");
    return {tensor(name + (older ? ".gamma" : ".weight"), {width}), tensor(name + (older ? ".beta" : ".bias"), {width})};
  }

 private:
  const Checkpoint& weights_;
  Storage storage_;
  std::string prefix_;
};

TextTransformer::TextTransformer(const Checkpoint& weights, const TextConfig& config, const Options& options) : folder_(weights.folder()), config_(config) {
  const at::NoGradGuard no_grad;
  const Reader reader(weights, config, options);
  const int64_t D = config.width;
  words_ = reader.tensor("embeddings.word_embeddings.weight", {config.vocabulary, D});
  positions_ = reader.tensor("embeddings.position_embeddings.weight", {config.positions, D});
  if (config.kinds > 0) positions_ = positions_ + reader.tensor("embeddings.token_type_embeddings.weight", {config.kinds, D}).narrow(0, 0, 1);
  if (config.buckets > 0) relative_ = reader.tensor("encoder.relative_attention_bias.weight", {config.buckets, config.heads});
  embedding_norm_ = reader.norm("embeddings.LayerNorm", D);
  const auto& names = config.architecture.names;
  for (int64_t i = 0; i < config.layers; ++i) {
    const std::string of = "encoder.layer." + std::to_string(i) + ".";
    layers_.push_back({reader.linear({of + names.query, of + names.key, of + names.value}, D, D), reader.linear({of + names.out}, D, D),
                       reader.linear({of + "intermediate.dense"}, config.inner, D), reader.linear({of + "output.dense"}, D, config.inner), reader.norm(of + names.norm, D),
                       reader.norm(of + "output.LayerNorm", D)});
  }
  if (reader.has("pooler.dense.weight")) pooler_ = reader.linear({"pooler.dense"}, D, D);
}

Tensor TextTransformer::normed(const Tensor& x, const Norm& norm) const { return at::layer_norm(x, {config_.width}, norm.weight, norm.bias, config_.epsilon); }

Tensor TextTransformer::embedded(std::span<const std::vector<int32_t>> texts) const {
  std::vector<int64_t> ids, places;
  const int64_t first = config_.first_position();
  for (const auto& text : texts) {
    if (text.empty() || std::ssize(text) > config_.longest()) throw Error("{}: a text of {} tokens; it reads 1 to {}", folder_.string(), text.size(), config_.longest());
    int64_t place = first;
    for (const int32_t id : text) {
      if (id < 0 || id >= config_.vocabulary) throw Error("{}: a token of number {}; there are {}", folder_.string(), id, config_.vocabulary);
      const bool counts = !config_.architecture.behind_padding || id != config_.padding;
      ids.push_back(id);
      places.push_back(counts ? place++ : config_.padding);
    }
  }
  const auto n = std::ssize(ids);
  return at::index_select(words_, 0, tensor_of(ids, {n})).add_(at::index_select(positions_, 0, tensor_of(places, {n})));
}

int64_t relative_bucket(int64_t ahead, int64_t buckets) {
  const int64_t side = buckets / 2, exact = side / 2, from = ahead > 0 ? side : 0, apart = std::abs(ahead);
  if (apart < exact) return from + apart;
  const auto of = [](int64_t x) { return static_cast<float>(x); };
  const float wider = std::log(of(apart) / of(exact)) / std::log(of(128) / of(exact)) * of(side - exact);
  return from + std::min(side - 1, exact + static_cast<int64_t>(wider));
}

/// float [1, heads, L, L]
Tensor TextTransformer::bias_of(int64_t length) const {
  std::vector<int64_t> bucket;
  bucket.reserve(static_cast<size_t>(length * length));
  for (int64_t i = 0; i < length; ++i) {
    for (int64_t j = 0; j < length; ++j) bucket.push_back(relative_bucket(j - i, config_.buckets));
  }
  const Tensor rows = relative_.t().contiguous();  // [heads, buckets]
  return rows.index_select(1, tensor_of(bucket, {length * length})).view({1, config_.heads, length, length});
}

/// qkv [tokens, 3 D] → [tokens, D]
Tensor TextTransformer::attended(const Tensor& qkv, const std::vector<int64_t>& lengths, const std::map<int64_t, Tensor>& bias) const {
  const int64_t D = config_.width, head = D / config_.heads;
  Tensor all = at::empty({qkv.size(0), D}, qkv.options());
  int64_t begin = 0;
  for (const int64_t length : lengths) {
    const Tensor rows = qkv.narrow(0, begin, length).view({1, length, 3, config_.heads, head}).permute({2, 0, 3, 1, 4});  // [3, 1, heads, L, head]
    const auto known = bias.find(length);
    const auto mask = known == bias.end() ? std::optional<Tensor>() : std::optional<Tensor>(known->second);
    const Tensor mixed = std::get<0>(at::_scaled_dot_product_flash_attention_for_cpu(rows[0], rows[1], rows[2], 0.0, false, mask));
    all.narrow(0, begin, length).view({length, config_.heads, head}).copy_(mixed[0].transpose(0, 1));
    begin += length;
  }
  return all;
}

Tensor TextTransformer::states(std::span<const std::vector<int32_t>> texts) const {
  const at::NoGradGuard no_grad;
  std::vector<int64_t> lengths;
  std::map<int64_t, Tensor> bias;
  Tensor x = normed(embedded(texts), embedding_norm_);
  for (const auto& text : texts) {
    lengths.push_back(std::ssize(text));
    if (relative_.defined() && !bias.contains(lengths.back())) bias.emplace(lengths.back(), bias_of(lengths.back()));
  }
  for (const Layer& layer : layers_) {
    x = normed(layer.out.forward(attended(layer.qkv.forward(x), lengths, bias)).add_(x), layer.attended);
    Tensor inner = layer.inner.forward(x);
    x = normed(layer.outer.forward(at::gelu_(inner)).add_(x), layer.done);
  }
  if (!all_finite(x)) throw Error("{}: its states are not finite", folder_.string());
  return x;
}

Tensor TextTransformer::pooled(const Tensor& first) const {
  const at::NoGradGuard no_grad;
  if (!has_pooler()) throw Error("{}: its weights have no 'pooler.dense.weight'", folder_.string());
  return pooler_.forward(first).tanh_();
}

}  // namespace segue
