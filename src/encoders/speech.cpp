#include "encoders/speech.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/isfinite.h>

#include <algorithm>

#include "core/tensor_threads.h"

namespace segue {
namespace {

class SpeechEncoder final : public SoundEncoder {
 public:
  SpeechEncoder(const Path& folder, const SpeechOptions& options) : folder_(folder), network_(folder), layer_(options.layer) {
    const auto& config = network_.config();
    if (layer_ < -1 || layer_ > config.layers) throw Error("{}: layer {}; it has 0 (what the first reads) to {}, or -1 for the last", folder.string(), layer_, config.layers);
    space_ = fmt::format("{} {} layer={} rate={} normalised={}", config.model_type, checkpoint_fingerprint(folder), layer_, config.sample_rate_hz, config.normalised);
  }

  int sample_rate_hz() const override { return network_.config().sample_rate_hz; }
  int64_t width() const override { return network_.config().width; }
  double window_s() const override { return 10; }  // attention costs the square of it
  double shortest_s() const override { return std::max(0.1, static_cast<double>(network_.config().reach()) / sample_rate_hz()); }
  std::string space() const override { return space_; }

  Tensor frames(const Tensor& wave) const override {
    const at::NoGradGuard no_grad;
    const SerialTensors serial;
    Tensor states = network_.states(network_.convolutions(network_.prepared(wave.contiguous())), layer_);
    if (!states.isfinite().all().item<bool>()) throw Error("{}: makes numbers of this sound that are not finite", folder_.string());
    return states;
  }

 private:
  Path folder_;
  SpeechNetwork network_;
  int64_t layer_;
  std::string space_;
};

}  // namespace

SpeechNetwork::SpeechNetwork(const Path& folder) : SpeechNetwork(read_speech_config(folder), folder) {}

SpeechNetwork::SpeechNetwork(const SpeechConfig& config, const Path& folder) : SpeechNetwork(config, NetworkWeights(folder, {"", config.prefix}, "encoder.layer_norm.weight")) {}

SpeechNetwork::SpeechNetwork(const SpeechConfig& config, const NetworkWeights& weights)
    : config_(config),
      convolutions_(config, weights),
      projection_(weights.dense("feature_projection.projection", config.width, config.conv_dim.back())),
      positions_(config, weights),
      norm_(weights.row_norm("encoder.layer_norm", config.width, config.epsilon)) {
  if (config.projection_norm) projection_norm_ = weights.row_norm("feature_projection.layer_norm", config.conv_dim.back(), config.epsilon);
  for (int64_t layer = 0; layer < config.layers; ++layer) layers_.emplace_back(config, weights, layer);
}

Tensor SpeechNetwork::prepared(const Tensor& wave) const {
  if (!config_.normalised) return wave;
  const Tensor exact = wave.to(at::kDouble), off = exact - exact.mean();
  return (off / (off.square().mean() + 1e-7).sqrt()).to(at::kFloat);
}

Tensor SpeechNetwork::states(const Tensor& convolutions, int64_t layer) const {
  Tensor x = projection_(projection_norm_ ? (*projection_norm_)(convolutions) : convolutions);
  x = x + positions_(x);
  if (!config_.pre_norm) x = norm_(x);
  for (int64_t i = 0; i < config_.layers; ++i) {
    if (i == layer) return x;
    x = layers_[static_cast<size_t>(i)](x);
  }
  return layer == -1 && config_.pre_norm ? norm_(x) : x;
}

std::unique_ptr<SoundEncoder> open_speech(const Path& folder, const SpeechOptions& options) { return std::make_unique<SpeechEncoder>(folder, options); }

}  // namespace segue
