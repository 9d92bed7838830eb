#pragma once

#include "core/tensor.h"

namespace segue {

/// A convolution along time over frames that lie one after the other, [T, in] → [(T - kernel) / stride + 1, out]. What a kernel sees
/// is one run of memory, so it is a product of matrices whose rows overlap: no copies, no other order of the numbers.
class FrameConvolution {
 public:
  FrameConvolution() = default;
  /// weight float [out, in, kernel], as convolutions are stored; bias float [out], or undefined
  FrameConvolution(const Tensor& weight, Tensor bias, int64_t stride);

  int64_t kernel() const { return kernel_; }
  int64_t stride() const { return stride_; }
  int64_t out() const { return weight_.size(1); }
  /// x float [T, in], contiguous, at least kernel() frames
  Tensor operator()(const Tensor& x) const;

 private:
  Tensor weight_;  // float [kernel · in, out]
  Tensor bias_;
  int64_t kernel_ = 0, stride_ = 0;
};

}  // namespace segue
