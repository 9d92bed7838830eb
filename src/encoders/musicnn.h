#pragma once

#include <string>
#include <utility>
#include <vector>

#include "audio/mel.h"
#include "core/files.h"
#include "encoders/peak_convolution.h"
#include "encoders/sound_encoder.h"

namespace segue {

class Checkpoint;
struct MusicnnConfig;

/// musicnn (Pons and Serra, 2019, arXiv:1909.06654): what a listener would tag three seconds of music with, and the layer
/// before that. Reads a folder with the weights of TensorFlow's model by their names there (config.json, model.safetensors,
/// labels.json). Differs from the original: mel powers are not rounded to 16 bits; batch norms are folded into what follows.
class Musicnn : public SoundEncoder {
 public:
  /// Throws Error: files that are missing or damaged, weights of another shape or that are not finite.
  explicit Musicnn(const Path& folder);

  int sample_rate_hz() const override { return sample_rate_hz_; }
  int64_t width() const override { return scale_.size(0); }
  double window_s() const override { return 10 * patch_s(); }
  double shortest_s() const override;
  std::string space() const override { return space_; }
  /// [patches, width()], the layer before the tags. Patches lie side by side; what is left behind the last is not heard.
  /// Throws Error where a number of the sound is not finite.
  Tensor frames(const Tensor& wave) const override;

  /// What a tag is called, and how likely each is in each patch: [patches, tags]; of a track: their mean.
  const std::vector<std::string>& labels() const { return labels_; }
  Tensor tags(const Tensor& wave) const;
  /// float [times, bands], what the network reads of a wave.
  Tensor log_mel(const Tensor& wave) const;

 private:
  struct Middle {
    Tensor kernel;  // [taps, in, out]
    Rectified then;
    bool adds;  // what it reads
  };
  double patch_s() const { return static_cast<double>(patch_ * spectra_.options().hop) / sample_rate_hz_; }
  void pool(const float* log_mel, float* into) const;
  void widen(const Middle& layer, const Tensor& features, int64_t from, int64_t into) const;
  Tensor penultimate(const Tensor& pooled) const;
  void read_front(const Checkpoint& weights, const MusicnnConfig& config);
  void read_middle(const Checkpoint& weights, const MusicnnConfig& config);
  void read_back(const Checkpoint& weights, const MusicnnConfig& config);
  Musicnn(const Path& folder, const MusicnnConfig& config);

  std::string space_;
  int sample_rate_hz_;
  int64_t patch_;  // frames
  Spectra spectra_;
  MelBands mel_;
  std::vector<std::string> labels_;
  float input_scale_ = 1, input_shift_ = 0;
  std::vector<std::pair<int64_t, BandPeaks>> timbre_;  // where in a row of features its answers begin
  std::vector<std::pair<int64_t, TimePeaks>> rhythm_;
  std::vector<Middle> middle_;
  int64_t front_ = 0, features_ = 0;  // numbers of a time after the front, and in all
  Tensor dense_, dense_bias_, scale_, shift_, tags_, tags_bias_;
};

}  // namespace segue
