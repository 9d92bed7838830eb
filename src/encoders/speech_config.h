#pragma once

#include <string>
#include <vector>

#include "encoders/network_config.h"

namespace segue {

/// The sizes of a network that was made for speech, as its config.json and preprocessor_config.json have them. HuBERT and MERT,
/// wav2vec 2.0, and data2vec and Music2Vec differ in these alone.
struct SpeechConfig {
  std::string model_type;  // as config.json has it
  std::string prefix;      // of the weights, where they are part of a larger model
  int sample_rate_hz = 16'000;
  bool normalised = true;  // a wave is brought to mean 0 and variance 1

  std::vector<int64_t> conv_dim, conv_kernel, conv_stride;
  bool conv_bias = false;
  bool conv_norm_each = false;  // every frame after every convolution; otherwise every channel over time, after the first
  bool projection_norm = true;
  Activation conv_activation = nullptr, activation = nullptr;

  int64_t width = 0, inner = 0, layers = 0, heads = 0;
  bool pre_norm = false;  // norms stand before attention and feed-forward, and one after the last layer; otherwise behind them
  double epsilon = 1e-5;

  enum class PositionNorm { weight, batch, each };  // of the kernels; of what is read, by stored statistics; of every frame that comes out
  PositionNorm position_norm = PositionNorm::weight;
  int64_t position_layers = 1, position_kernel = 0, position_groups = 0;

  /// Samples that the first frame hears, and from a frame to the next.
  int64_t reach() const;
  int64_t step() const;
  /// The frames of a wave; none where it is shorter than reach().
  int64_t frames(int64_t samples) const;
};

/// Throws Error: no config.json, damaged, another model_type (with those that are known), something in it that is not supported.
SpeechConfig read_speech_config(const Path& folder);

}  // namespace segue
