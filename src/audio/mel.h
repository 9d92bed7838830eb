#pragma once

#include "audio/spectra.h"

namespace segue {

/// Triangles over the bins of a spectrum, evenly spaced by the mel scale, as librosa.filters.mel has them.
class MelBands {
 public:
  enum class Scale { slaney, htk };
  struct Options {
    int64_t bands = 128;
    double low_hz = 0, high_hz = 0;  // 0: half the sample rate
    Scale scale = Scale::slaney;
    bool same_area = true;  // each triangle by the width of its band (Slaney); otherwise all of height 1
  };
  MelBands(const Options& options, int sample_rate_hz, int64_t window);

  int64_t bands() const { return static_cast<int64_t>(begin_.size()); }
  /// power [bins][8] → mel [bands][8]
  void of(const float* power, float* mel) const;
  Eights of(const Spectra& spectra, std::span<const float> wave) const;
  /// float [bands][bins]
  std::vector<float> filters() const;

 private:
  int64_t bins_;
  std::vector<int32_t> begin_, end_;
  std::vector<float> weights_;
};

/// x = 10 log10(max(x, least)), and then nothing is more than `range` below the largest.
struct Decibels {
  float least = 1e-10F, range = 80;
};
void to_decibels(Eights& x, const Decibels& how = {});

/// The first `count` rows of the cosine transform (DCT-II) of length n, each of length 1: float [count][n].
std::vector<float> cosines(int64_t count, int64_t n);

/// Mel frequency cepstral coefficients of frames in decibels [frames][bands] → [frames][count].
Eights cepstrum(const Eights& decibels, int64_t count);

}  // namespace segue
