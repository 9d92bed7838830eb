#pragma once

#include <cstdint>

namespace segue {

/// Inner loops of the fused softmax, chosen once by what the processor has.
struct SoftmaxKernels {
  static constexpr int64_t lanes = 8;  // rows are a multiple of it long

  struct Row {
    float most, sum;
  };
  /// products [K] → e^(product · scale − less − most), in place, and their sum; most: the largest exponent, `own` counted.
  /// e^x is within 2 units in the last place; 0 below −87. An infinite `less` gives 0.
  Row (*exponentials)(float* products, const float* less, int64_t K, float scale, float own);
  /// Σ x · y in 8 sums, those added up in a tree.
  float (*dot)(const float* x, const float* y, int64_t D);
};

const SoftmaxKernels& softmax_kernels();

}  // namespace segue
