#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "encoders/network_config.h"
#include "encoders/network_weights.h"
#include "encoders/sound_encoder.h"

namespace segue {

/// The sizes of EnCodec's encoder, as config.json has them.
struct EncodecConfig {
  int sample_rate_hz = 24'000;
  int64_t channels = 1;          // of the sound; one channel is played on all of them
  bool normalised = false;       // a chunk is divided by its loudness
  double chunk_s = 0;            // a chunk is heard without what is before and after it; 0: no chunks
  double overlap = 0;            // of a chunk with the one before it, as a share
  int64_t width = 0, filters = 0, residuals = 0, kernel = 0, last_kernel = 0, residual_kernel = 0, growth = 0, compress = 0, lstm_layers = 0;
  std::vector<int64_t> ratios;   // of lengths, in the order of the decoder
  bool causal = true, shortcut = true, reflect = true;
  bool norm_over_time = false;   // of all numbers of a convolution together; otherwise the kernels are normed
};

/// Throws Error: no config.json, damaged, another model_type, something in it that is not supported.
EncodecConfig read_encodec_config(const Path& folder);

/// The encoder of EnCodec (Défossez et al., 2022, arXiv:2210.13438): what it makes of sound before that is brought to codes.
class EncodecNetwork {
 public:
  /// folder: in the layout of Hugging Face. Throws Error: no such files, another model_type, weights that don't fit the config or
  /// are not finite.
  explicit EncodecNetwork(const Path& folder);

  const EncodecConfig& config() const { return config_; }
  /// wave float [channels, samples], as short as may be → [width, ⌈samples / product of the ratios⌉]
  Tensor latent(const Tensor& wave) const;

 private:
  struct Convolution {
    Tensor weight = {}, bias = {};             // float [out, in, kernel], [out]
    Tensor norm_weight = {}, norm_bias = {};   // float [out], where normed over time
    int64_t stride = 1, dilation = 1;
  };
  struct Residual {
    Convolution first, second;
    std::vector<Convolution> shortcut = {};    // none, or one
  };
  struct Lstm {
    std::vector<Tensor> weights = {};          // as libtorch wants them
    int64_t layers = 1, width = 0;
  };
  struct Elu {};
  using Layer = std::variant<Convolution, Residual, Lstm, Elu>;

  EncodecNetwork(const EncodecConfig& config, const NetworkWeights& weights);
  Convolution read_convolution(const NetworkWeights& weights, const std::string& name, int64_t out, int64_t in, int64_t kernel) const;
  Residual read_residual(const NetworkWeights& weights, const std::string& name, int64_t width, int64_t dilation) const;
  static Lstm read_lstm(const NetworkWeights& weights, const std::string& name, int64_t width, int64_t layers);
  Tensor apply(const Convolution& layer, const Tensor& x) const;
  Tensor apply(const Residual& layer, const Tensor& x) const;
  Tensor apply(const Lstm& layer, const Tensor& x) const;
  Tensor apply(const Elu& layer, const Tensor& x) const;

  EncodecConfig config_;
  std::vector<Layer> layers_;
};

/// The latent's frames as vectors.
std::unique_ptr<SoundEncoder> open_encodec(const Path& folder);

}  // namespace segue
