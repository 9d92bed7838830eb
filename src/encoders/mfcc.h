#pragma once

#include "audio/mel.h"
#include "encoders/sound_encoder.h"

namespace segue {

/// Mel frequency cepstral coefficients of each frame, as librosa.feature.mfcc has them: a power spectrum, Slaney's mel bands,
/// decibels down to 80 below the loudest of the window, a cosine transform.
class Mfcc : public SoundEncoder {
 public:
  struct Options {
    int64_t coefficients = 40;
    int sample_rate_hz = 22050;
    int64_t window = 2048, hop = 512;  // samples of a frame, and from one frame to the next
    int64_t bands = 128;
  };
  /// Throws Error where the options make no sense.
  explicit Mfcc(const Options& options);

  int sample_rate_hz() const override { return options_.sample_rate_hz; }
  int64_t width() const override { return options_.coefficients; }
  double window_s() const override { return 60; }
  double shortest_s() const override;  // one frame without silence at its edges
  std::string space() const override;
  /// [1 + samples / hop, width()]. Throws Error where a number of the sound is not finite.
  Tensor frames(const Tensor& wave) const override;

 private:
  Options options_;
  Spectra spectra_;
  MelBands mel_;
};

}  // namespace segue
