#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "audio/fourier.h"
#include "core/aligned_array.h"

namespace segue {

/// What becomes of a filter's largest (of its smallest, where scale is below 0) answer: scale · max(0, answer + bias) + shift.
struct Rectified {
  std::vector<float> bias, scale, shift;  // a number for each filter
};

/// An image of T times and F bands, row by row.
struct TimesBands {
  const float* numbers;
  int64_t times, bands;
};

/// Where a filter's answers go: number of time t and filter k at [t · stride + k].
struct Answers {
  float* numbers;
  int64_t stride;
};

/// Filters of some times and some bands slide over an image, which has silence before it and behind it in time; of the answers
/// of one time only the largest along the bands is kept. The bands go through a Fourier transform, eight filters abreast, for
/// the products of direct convolution are several times as many.
class BandPeaks {
 public:
  /// weights [taps, wide, filters]
  BandPeaks(std::span<const float> weights, int64_t taps, int64_t wide, int64_t bands, const Rectified& then);
  void of(const TimesBands& image, const Answers& out) const;

 private:
  friend struct PeakLoops;
  int64_t taps_, places_, filters_;
  Fourier fourier_;
  Rectified then_;
  AlignedArray<float> weights_;  // [⌈filters / 8⌉][bins][taps][2][8]
};

/// Filters of some times and one band, each over every band; of the answers of one time the largest is kept. Times go through
/// the transform, eight bands abreast.
class TimePeaks {
 public:
  /// weights [taps, filters]; images have so many times
  TimePeaks(std::span<const float> weights, int64_t taps, int64_t times, const Rectified& then);
  void of(const TimesBands& image, const Answers& out) const;

 private:
  friend struct PeakLoops;
  int64_t filters_;
  Fourier fourier_;
  Rectified then_;
  std::vector<float> weights_;  // [filters][bins][2]
};

}  // namespace segue
