#pragma once

#include <string>

#include "core/files.h"
#include "core/tensor.h"

namespace segue {

/// What CLAP hears: mel bands in decibels of one window, by a folder's preprocessor_config.json.
class ClapFeatures {
 public:
  /// Bands by two spellings of the mel scale: HTK's, triangles of height 1, and Slaney's, triangles of one area.
  enum class Mel { htk, slaney };

  /// Throws Error: damaged, a padding that is not known. Where there is no such file, as the published models have it.
  ClapFeatures(const Path& folder, Mel mel);

  int sample_rate_hz() const { return rate_; }
  int64_t samples() const { return samples_; }  // of a window
  int64_t frames() const { return samples_ / hop_ + 1; }
  int64_t bands() const { return filters_.size(1); }
  /// All that its numbers depend on besides the sound.
  const std::string& says() const { return says_; }
  /// wave float [n], 0 < n ≤ samples(); a shorter one is repeated, and zeros put behind → float [frames(), bands()]
  Tensor operator()(const Tensor& wave) const;

 private:
  enum class Padding { repeat_and_zeros, repeat, zeros };
  Tensor padded(const Tensor& wave) const;

  int rate_ = 0;
  int64_t samples_ = 0, hop_ = 0, fft_ = 0;
  Padding padding_ = Padding::repeat_and_zeros;
  std::string says_;
  Tensor window_, filters_;  // double [fft], [fft / 2 + 1, bands]
};

}  // namespace segue
