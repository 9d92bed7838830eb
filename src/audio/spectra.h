#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "audio/eights.h"
#include "audio/fourier.h"

namespace segue {

/// Eight series of samples, of which a window is taken at a time.
using Starts = const float*[8];

/// The frames of a wave and their powers, with librosa's conventions (McFee et al., 2015): frame t is centred on sample
/// t · hop, outside the wave is silence, the window is Hann's, periodic. Several threads may use one at once.
class Spectra {
 public:
  struct Options {
    int64_t window = 2048, hop = 512;  // in samples; the window is even, without a prime factor above 5
  };
  /// Throws std::invalid_argument where the options make no sense.
  explicit Spectra(const Options& options);

  const Options& options() const { return options_; }
  int64_t bins() const { return fourier_.bins(); }
  int64_t frames(int64_t samples) const { return 1 + samples / options_.hop; }

  /// Calls job(b, power [bins][8]) for frames 8 b … 8 b + 7, one block after the other; lanes behind the last frame hold
  /// zeros. A block is read while it lies in the cache, the whole is nowhere.
  void each(std::span<const float> wave, const std::function<void(int64_t, const float*)>& job) const;
  /// float [frames, bins], as rows of eight.
  Eights power(std::span<const float> wave) const;

 private:
  Options options_;
  Fourier fourier_;
  std::vector<float> window_;
};

/// Hann's window, periodic.
std::vector<float> hann(int64_t length);

/// Root mean square, and the part of samples at which the sign changes, of windows around the same places: rows [frames][2].
/// Outside the wave there is silence, where no sign changes.
Eights loudness(const Spectra::Options& options, std::span<const float> wave);

}  // namespace segue
