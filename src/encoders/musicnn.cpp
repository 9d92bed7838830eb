#include "encoders/musicnn.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "audio/frame_kernels.h"
#include "core/error.h"
#include "encoders/heard_wave.h"
#include "encoders/musicnn_config.h"
#include "language/checkpoint.h"

namespace segue {
namespace {

constexpr int64_t margin = 8;  // times of zeros before a patch and behind it, for kernels of up to 17 times

Tensor read(const Checkpoint& weights, const std::string& name, at::IntArrayRef shape) {
  const Tensor all = weights.tensor(name, shape).contiguous();
  if (!all.isfinite().all().item<bool>()) throw Error("{}: '{}' has numbers that are not finite", weights.folder().string(), name);
  return all;
}

/// y = x · scale + shift.
struct Norm {
  Tensor scale, shift;
};

Norm read_norm(const Checkpoint& weights, const std::string& name, int64_t n, double epsilon) {
  const auto part = [&](const char* what) { return read(weights, name + "/" + what, {n}).to(at::kDouble); };
  const Tensor variance = part("moving_variance") + epsilon;
  if (!(variance > 0).all().item<bool>()) throw Error("{}: '{}/moving_variance' has numbers below 0", weights.folder().string(), name);
  const Tensor scale = part("gamma") / variance.sqrt(), shift = part("beta") - part("moving_mean") * scale;
  return {scale, shift};
}

Rectified read_rectified(const Checkpoint& weights, const MusicnnConfig::Layer& layer, double epsilon) {
  const Norm norm = read_norm(weights, layer.norm, layer.filters, epsilon);
  return {floats_of(read(weights, layer.convolution + "/bias", {layer.filters})), floats_of(norm.scale), floats_of(norm.shift)};
}

}  // namespace

Musicnn::Musicnn(const Path& folder) : Musicnn(folder, read_musicnn_config(folder)) {}

Musicnn::Musicnn(const Path& folder, const MusicnnConfig& config)
    : space_("musicnn " + checkpoint_fingerprint(folder)),
      sample_rate_hz_(config.sample_rate_hz),
      patch_(config.patch),
      spectra_({.window = config.window, .hop = config.hop}),
      mel_({.bands = config.bands, .low_hz = config.low_hz, .high_hz = config.high_hz}, config.sample_rate_hz, config.window),
      labels_(read_musicnn_labels(folder, config.tags)) {
  const at::NoGradGuard no_grad;
  const Checkpoint weights(folder);
  const Norm input = read_norm(weights, "batch_normalization", 1, config.epsilon);
  input_scale_ = input.scale.item<float>();
  input_shift_ = input.shift.item<float>();
  read_front(weights, config);
  read_middle(weights, config);
  read_back(weights, config);
}

void Musicnn::read_front(const Checkpoint& weights, const MusicnnConfig& config) {
  for (const auto& layer : config.front) {
    const Tensor kernel = read(weights, layer.convolution + "/kernel", {layer.taps, layer.wide, 1, layer.filters});
    const Rectified then = read_rectified(weights, layer, config.epsilon);
    if (layer.wide == 1) rhythm_.emplace_back(front_, TimePeaks(samples_of(kernel), layer.taps, patch_, then));
    else timbre_.emplace_back(front_, BandPeaks(samples_of(kernel), layer.taps, layer.wide, config.bands, then));
    front_ += layer.filters;
  }
}

void Musicnn::read_middle(const Checkpoint& weights, const MusicnnConfig& config) {
  features_ = front_;
  int64_t wide = front_;
  for (const auto& layer : config.middle) {
    if (layer.wide != wide || (layer.adds && layer.filters != wide) || layer.taps > 2 * margin + 1) {
      throw Error("{}: '{}' should be {} wide, {} times long at most, and as wide as what it is added to", weights.folder().string(), layer.convolution, wide, 2 * margin + 1);
    }
    const Tensor kernel = read(weights, layer.convolution + "/kernel", {layer.taps, layer.wide, 1, layer.filters});
    middle_.push_back({kernel.squeeze(2), read_rectified(weights, layer, config.epsilon), layer.adds});
    wide = layer.filters;
    features_ += wide;
  }
}

// The norm of what is pooled is part of the dense layer.
void Musicnn::read_back(const Checkpoint& weights, const MusicnnConfig& config) {
  const int64_t pooled = 2 * features_;
  const auto& shape = weights.array("dense/bias").shape;
  const int64_t units = shape.empty() ? 0 : shape.front();
  const auto count = static_cast<int64_t>(config.front.size() + config.middle.size());
  const auto norm_name = [](int64_t n) { return "batch_normalization_" + std::to_string(n); };
  const Norm before = read_norm(weights, norm_name(count + 1), pooled, config.epsilon), after = read_norm(weights, norm_name(count + 2), units, config.epsilon);
  const Tensor dense = read(weights, "dense/kernel", {pooled, units}).to(at::kDouble), bias = read(weights, "dense/bias", {units}).to(at::kDouble);
  dense_ = (before.scale.unsqueeze(1) * dense).to(at::kFloat);
  dense_bias_ = (before.shift.matmul(dense) + bias).to(at::kFloat);
  scale_ = after.scale.to(at::kFloat);
  shift_ = after.shift.to(at::kFloat);
  tags_ = read(weights, "dense_1/kernel", {units, config.tags}).clone();
  tags_bias_ = read(weights, "dense_1/bias", {config.tags}).clone();
}

double Musicnn::shortest_s() const { return static_cast<double>((patch_ - 1) * spectra_.options().hop) / sample_rate_hz_; }

Tensor Musicnn::log_mel(const Tensor& wave) const {
  const Tensor heard = heard_wave(*this, wave);
  Eights mel = mel_.of(spectra_, samples_of(heard));
  frame_kernels().logarithms({.scale = 10000, .more = 1, .least = 1, .factor = 0.4342944819F}, mel.block(0), mel.size());
  const Tensor all = at::empty({mel.rows(), mel.width()});
  mel.copy_to(all.mutable_data_ptr<float>());
  return all;
}

/// Columns `into` … of the features from those at `from`, which are followed by zeros in time.
void Musicnn::widen(const Middle& layer, const Tensor& features, int64_t from, int64_t into) const {
  const int64_t taps = layer.kernel.size(0), in = layer.kernel.size(1), out = layer.kernel.size(2);
  const Tensor sums = at::zeros({patch_, out});
  for (int64_t tap = 0; tap < taps; ++tap) sums.addmm_(features.narrow(0, margin - taps / 2 + tap, patch_).narrow(1, from, in), layer.kernel[tap]);
  const float* sum = sums.const_data_ptr<float>();
  for (int64_t t = 0; t < patch_; ++t, sum += out) {
    float* const row = features.mutable_data_ptr<float>() + (margin + t) * features_;
    for (size_t k = 0; k < static_cast<size_t>(out); ++k) {
      const float own = layer.then.scale[k] * std::max(0.0F, sum[k] + layer.then.bias[k]) + layer.then.shift[k];
      row[into + static_cast<int64_t>(k)] = layer.adds ? own + row[from + static_cast<int64_t>(k)] : own;
    }
  }
}

/// The largest and the mean over time of each feature of a patch, side by side.
void Musicnn::pool(const float* log_mel, float* into) const {
  const Tensor features = at::zeros({patch_ + 2 * margin, features_});
  float* const first = features.mutable_data_ptr<float>() + margin * features_;
  std::vector<float> image(log_mel, log_mel + patch_ * mel_.bands());
  for (float& x : image) x = x * input_scale_ + input_shift_;
  const TimesBands heard{image.data(), patch_, mel_.bands()};
  for (const auto& [begin, peaks] : timbre_) peaks.of(heard, {first + begin, features_});
  for (const auto& [begin, peaks] : rhythm_) peaks.of(heard, {first + begin, features_});
  int64_t from = 0, to = front_;
  for (const auto& layer : middle_) {
    widen(layer, features, from, to);
    from = to;
    to += layer.kernel.size(2);
  }
  std::vector<float> most(first, first + features_), sum = most;
  for (int64_t t = 1; t < patch_; ++t) {
    const float* const row = first + t * features_;
    for (size_t k = 0; k < most.size(); ++k) {
      most[k] = std::max(most[k], row[k]);
      sum[k] += row[k];
    }
  }
  for (size_t k = 0; k < most.size(); ++k) {
    into[2 * k] = most[k];
    into[2 * k + 1] = sum[k] / static_cast<float>(patch_);
  }
}

Tensor Musicnn::penultimate(const Tensor& pooled) const { return at::addmm(dense_bias_, pooled, dense_).relu_().mul_(scale_).add_(shift_); }

Tensor Musicnn::frames(const Tensor& wave) const {
  const at::NoGradGuard no_grad;
  const Tensor heard = log_mel(wave);
  const int64_t patches = heard.size(0) / patch_;
  const Tensor pooled = at::empty({patches, 2 * features_});
  for (int64_t p = 0; p < patches; ++p) {
    pool(heard.const_data_ptr<float>() + p * patch_ * mel_.bands(), pooled.mutable_data_ptr<float>() + p * 2 * features_);
  }
  const Tensor all = penultimate(pooled);
  if (!all.isfinite().all().item<bool>()) throw Error("{}: gave numbers that are not finite", space_);
  return all;
}

Tensor Musicnn::tags(const Tensor& wave) const {
  const at::NoGradGuard no_grad;
  return at::addmm(tags_bias_, frames(wave), tags_).sigmoid_();
}

}  // namespace segue
