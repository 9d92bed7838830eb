#include "encoders/clap_audio.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/roll.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/upsample_bicubic2d.h>

#include "core/tensor_threads.h"

namespace segue {
namespace {

/// x [height, wide, D] → [windows, window², D]
Tensor in_windows(const Tensor& x, int64_t window) {
  return x.view({x.size(0) / window, window, x.size(1) / window, window, x.size(2)}).transpose(1, 2).reshape({-1, window * window, x.size(2)});
}

Tensor out_of_windows(const Tensor& windows, int64_t height, int64_t wide, int64_t window) {
  return windows.view({height / window, wide / window, window, window, -1}).transpose(1, 2).reshape({height, wide, -1});
}

int64_t whole_windows(int64_t patches, int64_t window) { return (patches + window - 1) / window * window; }

/// What a head adds by how far two patches of a window lie apart: table float [(2 window - 1)², heads] → [heads, window², window²].
Tensor by_distance(const Tensor& table, int64_t window) {
  const Tensor place = at::arange(window * window), row = place.div(window, "floor"), column = place.remainder(window);
  const auto apart = [&](const Tensor& axis) { return axis.unsqueeze(1) - axis.unsqueeze(0) + (window - 1); };
  return table.index_select(0, (apart(row) * (2 * window - 1) + apart(column)).flatten()).view({window * window, window * window, -1}).permute({2, 0, 1}).contiguous();
}

/// Shifted windows at the edge hold patches from both sides, which must not meet: float [windows, 1, window², window²].
Tensor apart_at_edges(int64_t height, int64_t wide, int64_t window, int64_t shift) {
  const auto regions = [&](int64_t patches) {
    const Tensor place = at::arange(patches);
    return place.ge(patches - window).to(at::kLong) + place.ge(patches - shift).to(at::kLong);
  };
  const Tensor region = in_windows((regions(height).unsqueeze(1) * 3 + regions(wide).unsqueeze(0)).unsqueeze(-1), window).squeeze(-1);
  return region.unsqueeze(1).ne(region.unsqueeze(2)).to(at::kFloat).mul(-100).unsqueeze(1);
}

class ClapEncoder final : public SoundEncoder {
 public:
  explicit ClapEncoder(const Path& folder) : folder_(folder), network_(folder), space_(fmt::format("clap {} {}", checkpoint_fingerprint(folder), network_.features().says())) {}

  int sample_rate_hz() const override { return network_.features().sample_rate_hz(); }
  int64_t width() const override { return network_.config().projection; }
  double window_s() const override { return static_cast<double>(network_.features().samples()) / sample_rate_hz(); }
  double shortest_s() const override { return std::min(1.0, window_s()); }
  std::string space() const override { return space_; }

  Tensor frames(const Tensor& wave) const override {
    const at::NoGradGuard no_grad;
    const SerialTensors serial;
    const int64_t length = network_.features().samples(), shortest = static_cast<int64_t>(shortest_s() * sample_rate_hz()), all = wave.size(0);
    std::vector<Tensor> windows;
    for (int64_t begin = 0; begin == 0 || all - begin >= shortest; begin += length) windows.push_back(heard(wave.narrow(0, begin, std::min(length, all - begin))));
    Tensor frames = at::stack(windows);
    if (!frames.isfinite().all().item<bool>()) throw Error("{}: makes numbers of this sound that are not finite", folder_.string());
    return frames;
  }

 private:
  Tensor heard(const Tensor& window) const {
    const Tensor vector = network_.projected(network_.states(network_.features()(window)));
    return vector / vector.norm().clamp_min(1e-12);
  }

  Path folder_;
  ClapAudioNetwork network_;
  std::string space_;
};

}  // namespace

SwinBlock::SwinBlock(const ClapAudioConfig& config, const NetworkWeights& weights, const std::string& name, const Sizes& sizes) : sizes_(sizes), activation_(config.activation) {
  const int64_t width = sizes.width, inner = static_cast<int64_t>(config.inner * static_cast<double>(width)), window = sizes.window;
  const auto part = [&](const char* of) { return weights.dense(name + "attention.self." + of, width, width, config.qkv_bias); };
  q_ = part("query");
  k_ = part("key");
  v_ = part("value");
  out_ = weights.dense(name + "attention.output.dense", width, width);
  inner_ = weights.dense(name + "intermediate.dense", inner, width);
  outer_ = weights.dense(name + "output.dense", width, inner);
  attention_norm_ = weights.row_norm(name + "layernorm_before", width, config.epsilon);
  inner_norm_ = weights.row_norm(name + "layernorm_after", width, config.epsilon);
  bias_ = by_distance(weights.tensor(name + "attention.self.relative_position_bias_table", {(2 * window - 1) * (2 * window - 1), sizes.heads}), window).unsqueeze(0);
  if (sizes.shift > 0) bias_ = bias_ + apart_at_edges(whole_windows(sizes.height, window), whole_windows(sizes.wide, window), window, sizes.shift);
}

Tensor SwinBlock::attended(const Tensor& windows) const {
  const auto split = [&](const Dense& part) { return part(windows).view({windows.size(0), windows.size(1), sizes_.heads, -1}).transpose(1, 2); };
  return out_(at::scaled_dot_product_attention(split(q_), split(k_), split(v_), bias_).transpose(1, 2).reshape(windows.sizes()));
}

Tensor SwinBlock::operator()(const Tensor& x) const {
  const int64_t window = sizes_.window, shift = sizes_.shift, height = whole_windows(sizes_.height, window), wide = whole_windows(sizes_.wide, window);
  Tensor y = at::constant_pad_nd(attention_norm_(x).view({sizes_.height, sizes_.wide, -1}), {0, 0, 0, wide - sizes_.wide, 0, height - sizes_.height});
  if (shift > 0) y = at::roll(y, {-shift, -shift}, {0, 1});
  y = out_of_windows(attended(in_windows(y, window)), height, wide, window);
  if (shift > 0) y = at::roll(y, {shift, shift}, {0, 1});
  const Tensor z = x + y.narrow(0, 0, sizes_.height).narrow(1, 0, sizes_.wide).reshape(x.sizes());
  return z + outer_(activation_(inner_(inner_norm_(z))));
}

ClapAudioNetwork::ClapAudioNetwork(const Path& folder)
    : ClapAudioNetwork(folder, read_clap_audio_config(folder), NetworkWeights(folder, {"audio_model.audio_encoder.", "audio_encoder.", "clap.audio_model.audio_encoder."}, "batch_norm.running_mean")) {}

ClapAudioNetwork::ClapAudioNetwork(const Path& folder, const ClapAudioConfig& config, const NetworkWeights& weights)
    : config_(config), features_(folder, config.fused ? ClapFeatures::Mel::htk : ClapFeatures::Mel::slaney), norm_(weights.row_norm("norm", config.last_width())) {
  if (features_.bands() != config.bands || features_.frames() > config.picture * config.ratio()) {
    throw Error("{}: preprocessor_config.json makes {} frames of {} bands; its network hears up to {} of {}", folder.string(), features_.frames(), features_.bands(), config.picture * config.ratio(), config.bands);
  }
  const Tensor variance = weights.tensor("batch_norm.running_var", {config.bands});
  scale_ = weights.tensor("batch_norm.weight", {config.bands}) / (variance + 1e-5).sqrt();
  shift_ = weights.tensor("batch_norm.bias", {config.bands}) - scale_ * weights.tensor("batch_norm.running_mean", {config.bands});
  patch_ = {weights.tensor("patch_embed.proj.weight", {config.width, config.input_channels, config.patch[0], config.patch[1]}), weights.tensor("patch_embed.proj.bias", {config.width})};
  if (config.patch_norm) patch_norm_ = weights.row_norm("patch_embed.norm", config.width);
  for (size_t stage = 0; stage < config.depths.size(); ++stage) stages_.push_back(read_stage(weights, stage));
  const NetworkWeights beside(folder, {"audio_projection.", "clap.audio_projection."}, "linear1.weight");
  first_ = beside.dense("linear1", config.projection, config.last_width());
  second_ = beside.dense("linear2", config.projection, config.projection);
}

ClapAudioNetwork::Stage ClapAudioNetwork::read_stage(const NetworkWeights& weights, size_t stage) const {
  const int64_t width = config_.width << stage;
  Stage made{.blocks = {}, .norm = {}, .merge = {}, .height = config_.picture / config_.stride[0] >> stage, .wide = config_.picture / config_.stride[1] >> stage};
  const std::string name = fmt::format("layers.{}.", stage);
  const bool one_window = std::min(made.height, made.wide) <= config_.window;
  for (int64_t i = 0; i < config_.depths[stage]; ++i) {
    const int64_t shift = i % 2 == 0 || one_window ? 0 : config_.window / 2;
    made.blocks.emplace_back(config_, weights, fmt::format("{}blocks.{}.", name, i), SwinBlock::Sizes{width, config_.heads[stage], made.height, made.wide, config_.window, shift});
  }
  if (stage + 1 < config_.depths.size()) {
    made.norm = weights.row_norm(name + "downsample.norm", 4 * width);
    made.merge = weights.dense(name + "downsample.reduction", 2 * width, 4 * width, false);
  }
  return made;
}

/// The spectrogram, stretched to as many frames as the square has room for, cut along time and stacked: [1, 1, picture, picture].
Tensor ClapAudioNetwork::picture(const Tensor& features) const {
  const int64_t ratio = config_.ratio(), frames = config_.picture * ratio, bands = config_.picture / ratio;
  Tensor x = (features * scale_ + shift_).unsqueeze(0).unsqueeze(0);
  if (x.size(2) < frames) x = at::upsample_bicubic2d(x, {frames, x.size(3)}, true);
  if (x.size(3) < bands) x = at::upsample_bicubic2d(x, {x.size(2), bands}, true);
  return x.reshape({1, ratio, frames / ratio, bands}).transpose(2, 3).reshape({1, 1, bands * ratio, frames / ratio});
}

/// Four neighbours beside each other, then half as many numbers.
Tensor ClapAudioNetwork::merged(const Stage& stage, const Tensor& x) {
  const Tensor grid = x.view({stage.height, stage.wide, -1});
  std::vector<Tensor> four;
  for (const int64_t column : {0, 1}) {
    for (const int64_t row : {0, 1}) four.push_back(grid.slice(0, row, {}, 2).slice(1, column, {}, 2));
  }
  return stage.merge((*stage.norm)(at::cat(four, -1).view({-1, 4 * x.size(1)})));
}

Tensor ClapAudioNetwork::states(const Tensor& features) const {
  const std::vector<int64_t> padding{(config_.patch[0] - config_.stride[0]) / 2, (config_.patch[1] - config_.stride[1]) / 2};
  const Tensor seen = picture(features).expand({1, config_.input_channels, config_.picture, config_.picture});
  Tensor x = at::conv2d(seen, patch_.weight, patch_.bias, config_.stride, padding).flatten(2).squeeze(0).t().contiguous();  // [patches, width]
  if (patch_norm_) x = (*patch_norm_)(x);
  for (const auto& stage : stages_) {
    for (const auto& block : stage.blocks) x = block(x);
    if (stage.norm) x = merged(stage, x);
  }
  const int64_t rows = stages_.back().height, bands = rows / config_.ratio();
  return norm_(x).t().reshape({x.size(1), rows / bands, bands, -1}).transpose(1, 2).reshape({x.size(1), bands, -1});
}

Tensor ClapAudioNetwork::projected(const Tensor& states) const { return second_(config_.projection_activation(first_(states.flatten(1).mean(1)))); }

std::unique_ptr<SoundEncoder> open_clap(const Path& folder) { return std::make_unique<ClapEncoder>(folder); }

}  // namespace segue
