#include "encoders/speech_layers.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/scaled_dot_product_attention.h>

namespace segue {

SpeechConvolutions::SpeechConvolutions(const SpeechConfig& config, const NetworkWeights& weights) : config_(config) {
  for (size_t i = 0; i < config.conv_dim.size(); ++i) {
    const std::string name = fmt::format("feature_extractor.conv_layers.{}.", i);
    const int64_t in = i == 0 ? 1 : config.conv_dim[i - 1], out = config.conv_dim[i];
    const Tensor weight = weights.tensor(name + "conv.weight", {out, in, config.conv_kernel[i]});
    const Tensor bias = config.conv_bias ? weights.tensor(name + "conv.bias", {out}) : Tensor();
    if (i == 0) {
      first_weight_ = weight;
      first_bias_ = bias;
    } else {
      rest_.emplace_back(weight, bias, config.conv_stride[i]);
    }
    if (i == 0 || config.conv_norm_each) norms_.push_back(weights.row_norm(name + "layer_norm", out));
  }
}

/// A norm of channels over time can be had without the channels: their mean and variance follow from those of the samples that
/// a kernel sees. It becomes part of the kernel.
FrameConvolution SpeechConvolutions::first(const Tensor& wave) const {
  if (config_.conv_norm_each) return {first_weight_, first_bias_, config_.conv_stride[0]};
  const int64_t kernel = config_.conv_kernel[0], stride = config_.conv_stride[0], frames = (wave.size(0) - kernel) / stride + 1;
  const Tensor seen = wave.as_strided({frames, kernel}, {stride, 1}).to(at::kDouble), mean = seen.mean(0);
  const Tensor off = seen - mean, covariance = off.t().mm(off) / frames, weight = first_weight_.squeeze(1).to(at::kDouble);  // [out, kernel]
  const Tensor variance = (weight.mm(covariance) * weight).sum(1).clamp_min(0), scale = norms_[0].weight / (variance + norms_[0].epsilon).sqrt();
  const Tensor bias = norms_[0].bias - scale * weight.mv(mean);
  return {(weight * scale.unsqueeze(1)).to(at::kFloat).unsqueeze(1), bias.to(at::kFloat), stride};
}

Tensor SpeechConvolutions::frames(const FrameConvolution& first, const Tensor& wave, int64_t begin, int64_t end) const {
  const Tensor heard = wave.narrow(0, begin * config_.step(), (end - begin - 1) * config_.step() + config_.reach());
  Tensor x = first(heard.unsqueeze(1));
  for (size_t i = 0; i <= rest_.size(); ++i) {
    if (i > 0) x = rest_[i - 1](x);
    if (config_.conv_norm_each) x = norms_[i](x);
    x = config_.conv_activation(x);
  }
  return x;
}

Tensor SpeechConvolutions::operator()(const Tensor& wave) const {
  constexpr int64_t at_once = 128;
  const int64_t frames = config_.frames(wave.size(0));
  const FrameConvolution first = this->first(wave);
  std::vector<Tensor> parts;
  for (int64_t begin = 0; begin < frames; begin += at_once) parts.push_back(this->frames(first, wave, begin, std::min(frames, begin + at_once)));
  return at::cat(parts);
}

SpeechPositions::SpeechPositions(const SpeechConfig& config, const NetworkWeights& weights) : config_(config) {
  const int64_t width = config.width;
  const std::string name = "encoder.pos_conv_embed.";
  const std::vector<int64_t> shape{width, width / config.position_groups, config.position_kernel};
  for (int64_t i = 0; i < config.position_layers; ++i) {
    const std::string conv = config.position_norm == SpeechConfig::PositionNorm::each ? fmt::format("{}layers.{}.conv", name, i) : name + "conv";
    kernels_.push_back({weights.normed(conv, shape, 2), weights.tensor(conv + ".bias", {width})});
  }
  if (config.position_norm != SpeechConfig::PositionNorm::batch) return;
  const Tensor variance = weights.tensor(name + "batch_norm.running_var", {width});
  scale_ = weights.tensor(name + "batch_norm.weight", {width}) / (variance + 1e-5).sqrt();
  shift_ = weights.tensor(name + "batch_norm.bias", {width}) - scale_ * weights.tensor(name + "batch_norm.running_mean", {width});
}

Tensor SpeechPositions::operator()(const Tensor& x) const {
  Tensor y = scale_.defined() ? x * scale_ + shift_ : x;
  for (const auto& kernel : kernels_) {
    const Tensor channels = at::conv1d(y.t().unsqueeze(0), kernel.weight, kernel.bias, 1, config_.position_kernel / 2, 1, config_.position_groups);
    y = channels.squeeze(0).t().narrow(0, 0, x.size(0)).contiguous();  // an even kernel makes a frame too many
    if (config_.position_norm == SpeechConfig::PositionNorm::each) y = RowNorm{}(y);
    y = config_.conv_activation(y);
  }
  return y;
}

SpeechLayer::SpeechLayer(const SpeechConfig& config, const NetworkWeights& weights, int64_t layer)
    : heads_(config.heads), pre_norm_(config.pre_norm), activation_(config.activation) {
  const std::string name = fmt::format("encoder.layers.{}.", layer);
  const auto square = [&](const char* part) { return weights.dense(name + "attention." + part, config.width, config.width); };
  q_ = square("q_proj");
  k_ = square("k_proj");
  v_ = square("v_proj");
  out_ = square("out_proj");
  wide_ = weights.dense(name + "feed_forward.intermediate_dense", config.inner, config.width);
  narrow_ = weights.dense(name + "feed_forward.output_dense", config.width, config.inner);
  attention_norm_ = weights.row_norm(name + "layer_norm", config.width, config.epsilon);
  inner_norm_ = weights.row_norm(name + "final_layer_norm", config.width, config.epsilon);
}

Tensor SpeechLayer::attended(const Tensor& x) const {
  const auto split = [&](const Dense& part) { return part(x).view({1, x.size(0), heads_, -1}).transpose(1, 2); };  // [1, heads, T, head]
  return out_(at::scaled_dot_product_attention(split(q_), split(k_), split(v_)).transpose(1, 2).reshape(x.sizes()));
}

Tensor SpeechLayer::inner(const Tensor& x) const { return narrow_(activation_(wide_(x))); }

Tensor SpeechLayer::operator()(const Tensor& x) const {
  if (pre_norm_) {
    const Tensor y = x + attended(attention_norm_(x));
    return y + inner(inner_norm_(y));
  }
  const Tensor y = attention_norm_(x + attended(x));
  return inner_norm_(y + inner(y));
}

}  // namespace segue
