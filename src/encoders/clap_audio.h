#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "encoders/clap_config.h"
#include "encoders/clap_features.h"
#include "encoders/network_weights.h"
#include "encoders/sound_encoder.h"

namespace segue {

/// Attention among the patches of a window, and a feed-forward layer (Swin; Liu et al., 2021, arXiv:2103.14030).
class SwinBlock {
 public:
  struct Sizes {
    int64_t width, heads, height, wide, window, shift;  // shift: of the windows; height, wide: patches
  };
  SwinBlock(const ClapAudioConfig& config, const NetworkWeights& weights, const std::string& name, const Sizes& sizes);
  /// x float [height · wide, width] → the same
  Tensor operator()(const Tensor& x) const;

 private:
  Tensor attended(const Tensor& windows) const;

  Sizes sizes_;
  Activation activation_;
  Dense q_, k_, v_, out_, inner_, outer_;
  RowNorm attention_norm_, inner_norm_;
  Tensor bias_;  // float [windows or 1, heads, window², window²], added to the products of queries and keys
};

/// The audio tower of CLAP (Wu et al., 2022, arXiv:2211.06687): HTS-AT (Chen et al., 2022, arXiv:2202.00874) over one window's spectrogram.
/// Differs from the paper: a fused model is asked for windows alone, so what it has for longer sound is not read.
class ClapAudioNetwork {
 public:
  /// folder: in the layout of Hugging Face. Throws Error: no such files, another model_type, weights that don't fit the config or
  /// are not finite.
  explicit ClapAudioNetwork(const Path& folder);

  const ClapAudioConfig& config() const { return config_; }
  const ClapFeatures& features() const { return features_; }
  /// features float [frames, bands] → [last_width, bands of the picture's rows, the rest] after the last norm
  Tensor states(const Tensor& features) const;
  /// states → float [projection]
  Tensor projected(const Tensor& states) const;

 private:
  struct Stage {
    std::vector<SwinBlock> blocks;
    std::optional<RowNorm> norm;  // before four neighbours become one; none in the last
    Dense merge;
    int64_t height, wide;
  };
  ClapAudioNetwork(const Path& folder, const ClapAudioConfig& config, const NetworkWeights& weights);
  Stage read_stage(const NetworkWeights& weights, size_t stage) const;
  Tensor picture(const Tensor& features) const;
  static Tensor merged(const Stage& stage, const Tensor& x);

  ClapAudioConfig config_;
  ClapFeatures features_;
  Tensor scale_, shift_;  // float [bands]
  Dense patch_;           // weight float [width, channels, height, width]
  std::optional<RowNorm> patch_norm_;
  std::vector<Stage> stages_;
  RowNorm norm_;
  Dense first_, second_;
};

/// A window is one frame, of length 1, as the text tower's vectors are: their product says how well they fit. A longer wave is
/// heard window by window.
std::unique_ptr<SoundEncoder> open_clap(const Path& folder);

}  // namespace segue
