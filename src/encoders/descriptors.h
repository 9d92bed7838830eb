#pragma once

#include "audio/mel.h"
#include "audio/spectral_features.h"
#include "encoders/sound_encoder.h"

namespace segue {

/// 63 numbers of a window as a whole, made from one spectrum, each as librosa defines it. `mean` and `deviation` are over the
/// frames (2048 samples, every 512):
///
///    0–19  mean, 20–39 deviation of 20 MFCC          58, 59  mean, deviation of the root mean square
///   40, 41 mean, deviation of the centroid in Hz     60, 61  mean, deviation of the zero crossing rate
///   42–48  mean, 49–55 deviation of 7 contrasts      62      tempo in beats a minute
///   56, 57 mean, deviation of the roll-off in Hz
class Descriptors : public SoundEncoder {
 public:
  static constexpr int64_t numbers = 63;
  struct Options {
    int sample_rate_hz = 22050;
  };
  /// Throws Error where the rate is too low for the contrasts.
  explicit Descriptors(const Options& options);

  int sample_rate_hz() const override { return options_.sample_rate_hz; }
  int64_t width() const override { return numbers; }
  double window_s() const override { return 60; }
  double shortest_s() const override { return 5; }
  std::string space() const override;
  /// [1, 63]. Throws Error where a number of the sound is not finite.
  Tensor frames(const Tensor& wave) const override;

 private:
  Options options_;
  Spectra spectra_;
  MelBands mel_;
  SpectralContrast contrast_;
};

}  // namespace segue
