#pragma once

#include "audio/spectra.h"

namespace segue {

/// What is said of the shape of a frame's spectrum, in librosa's sense. Each reads magnitudes, the roots of powers.

/// Its mean frequency, and the frequency below which 0.85 of it lies, in Hz.
class SpectralPlaces {
 public:
  static constexpr int64_t width = 2;
  SpectralPlaces(int sample_rate_hz, int64_t window);
  /// magnitudes [bins][8] → [2][8]
  void of(const float* magnitudes, float* out);

 private:
  int64_t bins_;
  float bin_hz_;
  AlignedArray<float> room_;
};

/// How far its frequencies lie from their mean: the root of their mean square distance, in Hz. magnitudes [bins][8],
/// mean_hz [8] → [8]
void spectral_bandwidth(const float* magnitudes, int64_t bins, float bin_hz, const float* mean_hz, float* out);

/// How far the loudest of a band stand above its quietest, in decibels, in seven bands: up to 200 Hz, then an octave each,
/// the last to the end (Jiang et al., 2002).
class SpectralContrast {
 public:
  static constexpr int64_t bands = 7;
  /// Throws std::invalid_argument where the last band would begin above half the sample rate.
  SpectralContrast(int sample_rate_hz, int64_t window);
  /// magnitudes [bins][8] → means of the loudest and of the quietest fiftieth [7][8] each
  void of(const float* magnitudes, float* peaks, float* valleys) const;
  /// Of all frames: [frames][7].
  static Eights in_decibels(Eights peaks, Eights valleys);

 private:
  struct Band {
    int64_t first, bins, taken;
  };
  std::vector<Band> all_;
};

/// The strength of each of the twelve pitch classes from C on, tuned to A 440 Hz, where the strongest is 1.
class Chroma {
 public:
  static constexpr int64_t classes = 12;
  Chroma(int sample_rate_hz, int64_t window);
  /// power [bins][8] → [12][8]
  void of(const float* power, float* out) const;

 private:
  std::vector<int32_t> begin_, end_;
  std::vector<float> weights_;
};

}  // namespace segue
