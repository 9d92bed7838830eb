#pragma once

#include <cstdint>

namespace segue {

/// Inner loops over bytes, chosen once by what the processor has.
struct ByteKernels {
  static constexpr int64_t panel = 16;  // rows of a matrix that stand together
  static constexpr int64_t group = 4;   // numbers of a row that do

  /// x ≈ least + codes · step; steps of (largest - least) / 255.
  void (*round)(const float* x, int64_t n, uint8_t* codes, float* least, float* step);
  /// sums[r · panel + c] = Σ x · w for rows r of x, at most 4, which lie `stride` apart, and the rows c of a panel; n is a
  /// multiple of `group`, no w beyond ±63.
  void (*products)(const uint8_t* x, int64_t stride, int64_t rows, const int8_t* w, int64_t n, int32_t* sums);
};

const ByteKernels& byte_kernels();
const ByteKernels& byte_kernels_plain();

}  // namespace segue
