#pragma once

#include <memory>
#include <optional>

#include "encoders/sound_encoder.h"
#include "encoders/speech_layers.h"

namespace segue {

/// A network that was made for speech: convolutions over the wave, then layers of attention over their frames. HuBERT (Hsu et al.,
/// 2021, arXiv:2106.07447) and MERT (Li et al., 2023, arXiv:2306.00107), wav2vec 2.0 (Baevski et al., 2020, arXiv:2006.11477), data2vec
/// (Baevski et al., 2022, arXiv:2202.03555) and Music2Vec (Li et al., 2022, arXiv:2212.02508).
class SpeechNetwork {
 public:
  /// folder: in the layout of Hugging Face. Throws Error: no such files, another model_type, weights that don't fit the config or
  /// are not finite.
  explicit SpeechNetwork(const Path& folder);

  const SpeechConfig& config() const { return config_; }
  /// wave float [samples] → to mean 0 and variance 1, where the network wants that
  Tensor prepared(const Tensor& wave) const;
  /// prepared float [samples], at least config().reach() → [T, conv_dim.back()]
  Tensor convolutions(const Tensor& prepared) const { return convolutions_(prepared); }
  /// convolutions float [T, conv_dim.back()] → [T, width] what goes into layer 0, 1, …; with config().layers what comes out of the
  /// last, and with -1 the same after the norm that stands behind it, if there is one.
  Tensor states(const Tensor& convolutions, int64_t layer) const;

 private:
  SpeechNetwork(const SpeechConfig& config, const Path& folder);
  SpeechNetwork(const SpeechConfig& config, const NetworkWeights& weights);

  SpeechConfig config_;
  SpeechConvolutions convolutions_;
  std::optional<RowNorm> projection_norm_;
  Dense projection_;
  SpeechPositions positions_;
  RowNorm norm_;
  std::vector<SpeechLayer> layers_;
};

struct SpeechOptions {
  int64_t layer = -1;  // whose states are the vectors: 0 what the first layer reads, …; -1: the last
  template <class V>
  void fields(V&& field) {
    field("layer", layer);
  }
};

/// Throws Error besides where there is no such layer.
std::unique_ptr<SoundEncoder> open_speech(const Path& folder, const SpeechOptions& options = {});

}  // namespace segue
