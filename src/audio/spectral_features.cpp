#include "audio/spectral_features.h"

#include <array>
#include <cmath>
#include <stdexcept>

#include "audio/frame_kernels.h"
#include "audio/mel.h"

namespace segue {

SpectralPlaces::SpectralPlaces(int sample_rate_hz, int64_t window)
    : bins_(window / 2 + 1), bin_hz_(static_cast<float>(sample_rate_hz) / static_cast<float>(window)), room_(static_cast<size_t>(8 * bins_)) {}

void SpectralPlaces::of(const float* magnitudes, float* out) {
  frame_kernels().places(magnitudes, bins_, 0.85F, room_.data(), out, out + 8);
  for (int64_t i = 0; i < 8 * width; ++i) out[i] *= bin_hz_;
}

void spectral_bandwidth(const float* magnitudes, int64_t bins, float bin_hz, const float* mean_hz, float* out) {
  std::array<float, 8> mean{};
  for (size_t l = 0; l < 8; ++l) mean[l] = mean_hz[l] / bin_hz;
  frame_kernels().spread(magnitudes, bins, mean.data(), out);
  for (size_t l = 0; l < 8; ++l) out[l] = std::sqrt(out[l]) * bin_hz;
}

// A bin on the border of two bands belongs to both; each band but the first takes the bin before it as well, and each but
// the last gives up its highest once it is known how many there are.
SpectralContrast::SpectralContrast(int sample_rate_hz, int64_t window) {
  const int64_t bins = window / 2 + 1;
  double low = 0, high = 200;
  for (int64_t k = 0; k < bands; ++k, low = high, high *= 2) {
    if (low >= sample_rate_hz / 2.0) throw std::invalid_argument("SpectralContrast: a sample rate that is too low for its bands");
    const auto hz = [&](int64_t bin) { return static_cast<double>(bin) * sample_rate_hz / static_cast<double>(window); };
    int64_t first = 0, end = bins;
    while (hz(first) < low) ++first;
    while (k < bands - 1 && end > first && hz(end - 1) > high) --end;
    if (k > 0) --first;
    const int64_t count = end - first;
    const auto taken = std::max<int64_t>(1, std::lrint(0.02 * static_cast<double>(count)));
    all_.push_back({first, count - (k < bands - 1 ? 1 : 0), taken});
    if (all_.back().bins < taken) throw std::invalid_argument("SpectralContrast: a window that is too short for its bands");
  }
}

void SpectralContrast::of(const float* magnitudes, float* peaks, float* valleys) const {
  for (size_t k = 0; k < all_.size(); ++k) frame_kernels().extremes(magnitudes + 8 * all_[k].first, all_[k].bins, all_[k].taken, valleys + 8 * k, peaks + 8 * k);
}

Eights SpectralContrast::in_decibels(Eights peaks, Eights valleys) {
  to_decibels(peaks);
  to_decibels(valleys);
  for (int64_t i = 0; i < peaks.size(); ++i) peaks.block(0)[i] -= valleys.block(0)[i];
  return peaks;
}

// Bin by bin a bump of Gauss around its pitch, as wide as a bin is or a semitone; over pitches another, around the fifth octave.
Chroma::Chroma(int sample_rate_hz, int64_t window) : begin_(classes, 0), end_(classes, static_cast<int32_t>(window / 2 + 1)) {
  const int64_t bins = window / 2 + 1;
  const auto pitch = [&](int64_t bin) {  // in semitones above the A of 27.5 Hz, less an octave
    return classes * std::log2(static_cast<double>(bin) * sample_rate_hz / static_cast<double>(window) / (440.0 / 16));
  };
  weights_.resize(static_cast<size_t>(classes * bins));
  for (int64_t bin = 0; bin < bins; ++bin) {
    const double at = bin == 0 ? pitch(1) - 1.5 * classes : pitch(bin), next = pitch(bin + 1), wide = std::max(next - at, 1.0);
    std::array<double, classes> bump{};
    double squares = 0;
    for (int64_t c = 0; c < classes; ++c) {
      const double off = at - static_cast<double>(c) + classes / 2 + 10 * classes, near = off - classes * std::floor(off / classes) - classes / 2;
      bump[static_cast<size_t>(c)] = std::exp(-0.5 * (2 * near / wide) * (2 * near / wide));
      squares += bump[static_cast<size_t>(c)] * bump[static_cast<size_t>(c)];
    }
    const double octaves = (at / classes - 5) / 2, strength = std::exp(-0.5 * octaves * octaves) / std::sqrt(squares);
    for (int64_t c = 0; c < classes; ++c) {  // from A to C
      weights_[static_cast<size_t>((c + classes - 3) % classes * bins + bin)] = static_cast<float>(bump[static_cast<size_t>(c)] * strength);
    }
  }
}

void Chroma::of(const float* power, float* out) const {
  frame_kernels().products({classes, begin_.data(), end_.data(), weights_.data()}, power, out);
  for (int64_t l = 0; l < 8; ++l) {
    float most = 0;
    for (int64_t c = 0; c < classes; ++c) most = std::max(most, out[8 * c + l]);
    for (int64_t c = 0; c < classes && most > 1e-38F; ++c) out[8 * c + l] /= most;
  }
}

}  // namespace segue
