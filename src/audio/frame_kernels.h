#pragma once

#include <cstdint>

namespace segue {

/// Inner loops over eight frames abreast, [n][8], chosen once by what the processor has.
struct FrameKernels {
  /// out [n][8] = window · the n samples from each of the eight starts.
  void (*windowed)(const float* const* starts, const float* window, int64_t n, float* out);
  /// out = √x, n numbers.
  void (*roots)(const float* x, int64_t n, float* out);
  /// x = factor · ln(max(least, x · scale + more)), n numbers, a multiple of 8.
  struct Logarithm {
    float scale = 1, more = 0, least = 1e-10F, factor = 4.342944819F;
  };
  void (*logarithms)(const Logarithm& how, float* x, int64_t n);
  /// The largest of n numbers, a multiple of 8; x = max(x, least).
  float (*largest)(const float* x, int64_t n);
  void (*raise)(float* x, int64_t n, float least);
  /// out [rows][8]: row r is Σ weights · x over columns begin[r] to end[r]; weights lie one row behind the other.
  struct Rows {
    int64_t rows;
    const int32_t *begin, *end;
    const float* weights;
  };
  void (*products)(const Rows& matrix, const float* x, float* out);
  /// Of magnitudes [bins][8]: their mean place and the first at which their sum reaches `part` of it, in bins, each [8].
  void (*places)(const float* magnitudes, int64_t bins, float part, float* room, float* mean, float* reached);
  /// The mean square distance of their places from `mean`, in bins squared.
  void (*spread)(const float* magnitudes, int64_t bins, const float* mean, float* out);
  /// The means of the k least and of the k largest of x [n][8]; k ≤ n.
  void (*extremes)(const float* x, int64_t n, int64_t k, float* low, float* high);
  /// sums [n][8] += x · by; by [8].
  void (*add_scaled)(const float* x, int64_t n, const float* by, float* sums);
  /// Σ x² of n samples, and how often the sign of one is not that of the one before; `before`: that of x[0].
  void (*loudness)(const float* x, int64_t n, float before, float* squares, float* crossings);
  /// sums [8] += Σ max(0, x - the frame before), [n][8]; `before`: the eight frames before these.
  void (*rises)(const float* before, const float* x, int64_t n, float* sums);
};

const FrameKernels& frame_kernels();
const FrameKernels& frame_kernels_plain();

}  // namespace segue
