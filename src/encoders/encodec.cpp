#include "encoders/encodec.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/lstm.h>
#include <ATen/ops/reflection_pad1d.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "core/tensor_threads.h"

namespace segue {
namespace {

/// What is reflected must be longer than its reflection: zeros behind make it so, for as long as that takes.
Tensor reflected(const Tensor& x, int64_t left, int64_t right) {
  const int64_t missing = std::max<int64_t>(0, std::max(left, right) + 1 - x.size(-1));
  const Tensor padded = at::reflection_pad1d(missing > 0 ? at::constant_pad_nd(x, {0, missing}) : x, {left, right});
  return padded.narrow(-1, 0, padded.size(-1) - missing);
}

class EncodecEncoder final : public SoundEncoder {
 public:
  explicit EncodecEncoder(const Path& folder) : folder_(folder), network_(folder), space_(fmt::format("encodec {}", checkpoint_fingerprint(folder))) {}

  int sample_rate_hz() const override { return network_.config().sample_rate_hz; }
  int64_t width() const override { return network_.config().width; }
  double window_s() const override { return 10; }
  double shortest_s() const override { return 0.1; }
  std::string space() const override { return space_; }

  Tensor frames(const Tensor& wave) const override {
    const at::NoGradGuard no_grad;
    const SerialTensors serial;
    const auto& config = network_.config();
    const auto chunk = static_cast<int64_t>(config.chunk_s * config.sample_rate_hz), all = wave.size(0);
    const int64_t length = chunk == 0 ? all : chunk, step = chunk == 0 ? all : std::max<int64_t>(1, static_cast<int64_t>((1 - config.overlap) * static_cast<double>(chunk)));
    std::vector<Tensor> parts;
    for (int64_t begin = 0; begin == 0 || begin + length - step < all; begin += step) parts.push_back(chunk_frames(wave.narrow(0, begin, std::min(length, all - begin))));
    Tensor frames = at::cat(parts);
    if (!frames.isfinite().all().item<bool>()) throw Error("{}: makes numbers of this sound that are not finite", folder_.string());
    return frames;
  }

 private:
  Tensor chunk_frames(const Tensor& chunk) const {
    const Tensor heard = network_.config().normalised ? chunk / (chunk.square().mean().sqrt() + 1e-8) : chunk;
    return network_.latent(heard.expand({network_.config().channels, chunk.size(0)})).t();
  }

  Path folder_;
  EncodecNetwork network_;
  std::string space_;
};

}  // namespace

EncodecNetwork::EncodecNetwork(const Path& folder) : EncodecNetwork(read_encodec_config(folder), NetworkWeights(folder, {"", "encodec.", "model."}, "encoder.layers.0.conv.bias")) {}

EncodecNetwork::EncodecNetwork(const EncodecConfig& config, const NetworkWeights& weights) : config_(config) {
  const auto name = [this] { return fmt::format("encoder.layers.{}", layers_.size()); };
  layers_.emplace_back(read_convolution(weights, name(), config.filters, config.channels, config.kernel));
  int64_t width = config.filters;
  for (size_t i = config.ratios.size(); i-- > 0; width *= 2) {
    int64_t dilation = 1;
    for (int64_t j = 0; j < config.residuals; ++j, dilation *= config.growth) layers_.emplace_back(read_residual(weights, name(), width, dilation));
    layers_.emplace_back(Elu{});
    auto shorter = read_convolution(weights, name(), 2 * width, width, 2 * config.ratios[i]);
    shorter.stride = config.ratios[i];
    layers_.emplace_back(std::move(shorter));
  }
  layers_.emplace_back(read_lstm(weights, name() + ".lstm", width, config.lstm_layers));
  layers_.emplace_back(Elu{});
  layers_.emplace_back(read_convolution(weights, name(), config.width, width, config.last_kernel));
}

EncodecNetwork::Convolution EncodecNetwork::read_convolution(const NetworkWeights& weights, const std::string& name, int64_t out, int64_t in, int64_t kernel) const {
  Convolution made{.weight = weights.normed(name + ".conv", {out, in, kernel}, 0), .bias = weights.tensor(name + ".conv.bias", {out})};
  if (config_.norm_over_time) {
    made.norm_weight = weights.tensor(name + ".norm.weight", {out});
    made.norm_bias = weights.tensor(name + ".norm.bias", {out});
  }
  return made;
}

EncodecNetwork::Residual EncodecNetwork::read_residual(const NetworkWeights& weights, const std::string& name, int64_t width, int64_t dilation) const {
  const int64_t inner = width / config_.compress;
  Residual made{.first = read_convolution(weights, name + ".block.1", inner, width, config_.residual_kernel), .second = read_convolution(weights, name + ".block.3", width, inner, 1)};
  made.first.dilation = dilation;
  if (config_.shortcut) made.shortcut.push_back(read_convolution(weights, name + ".shortcut", width, width, 1));
  return made;
}

EncodecNetwork::Lstm EncodecNetwork::read_lstm(const NetworkWeights& weights, const std::string& name, int64_t width, int64_t layers) {
  Lstm made{.layers = layers, .width = width};
  for (int64_t layer = 0; layer < layers; ++layer) {
    for (const char* part : {"weight_ih", "weight_hh"}) made.weights.push_back(weights.tensor(fmt::format("{}.{}_l{}", name, part, layer), {4 * width, width}));
    for (const char* part : {"bias_ih", "bias_hh"}) made.weights.push_back(weights.tensor(fmt::format("{}.{}_l{}", name, part, layer), {4 * width}));
  }
  return made;
}

Tensor EncodecNetwork::apply(const Convolution& layer, const Tensor& x) const {
  const auto normed = [&](const Tensor& y) { return layer.norm_weight.defined() ? at::group_norm(y.unsqueeze(0), 1, layer.norm_weight, layer.norm_bias).squeeze(0) : y; };
  if (layer.weight.size(2) == 1 && layer.stride == 1) return normed(at::addmm(layer.bias.unsqueeze(1), layer.weight.squeeze(2), x));  // a product of matrices
  const int64_t reach = (layer.weight.size(2) - 1) * layer.dilation + 1, padding = reach - layer.stride;
  const int64_t frames = (x.size(-1) + layer.stride - 1) / layer.stride, extra = frames * layer.stride - x.size(-1);  // the last frame is whole
  const int64_t right = config_.causal ? 0 : padding / 2, left = padding - right;
  const Tensor padded = config_.reflect ? reflected(x, left, right + extra) : at::constant_pad_nd(x, {left, right + extra});
  return normed(at::conv1d(padded.unsqueeze(0), layer.weight, layer.bias, at::IntArrayRef(layer.stride), at::IntArrayRef({0}), at::IntArrayRef(layer.dilation)).squeeze(0));
}

Tensor EncodecNetwork::apply(const Residual& layer, const Tensor& x) const {
  Tensor inner = apply(layer.first, at::elu(x));
  return apply(layer.second, at::elu_(inner)).add_(layer.shortcut.empty() ? x : apply(layer.shortcut.front(), x));
}

Tensor EncodecNetwork::apply(const Lstm& layer, const Tensor& x) const {
  const Tensor steps = x.t().unsqueeze(1).contiguous(), nothing = at::zeros({layer.layers, 1, layer.width});  // [T, 1, D]
  const auto [states, last, cell] = at::lstm(steps, {nothing, nothing}, layer.weights, true, layer.layers, 0, false, false, false);
  return (states + steps).squeeze(1).t();
}

/// In place: what the layer before has made is nobody else's.
Tensor EncodecNetwork::apply(const Elu&, const Tensor& x) const {
  Tensor own = x;
  return at::elu_(own);
}

Tensor EncodecNetwork::latent(const Tensor& wave) const {
  Tensor x = wave;
  for (const auto& layer : layers_) {
    x = std::visit([&](const auto& one) { return apply(one, x); }, layer);
  }
  return x;
}

std::unique_ptr<SoundEncoder> open_encodec(const Path& folder) { return std::make_unique<EncodecEncoder>(folder); }

}  // namespace segue
