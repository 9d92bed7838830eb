#pragma once

#include "core/tensor.h"

namespace segue {

/// A matrix [out, in] in bytes that multiplies bytes: what it meets is rounded, row by row, to 256 steps between its least
/// and its largest number, its own rows to 127 steps around 0, so that sums of two products fit 16 bits. Products are exact
/// sums of whole numbers: what comes of a row does not depend on the others, nor on the processor.
class ByteMatrix {
 public:
  ByteMatrix() = default;
  /// weight float [out, in], finite.
  explicit ByteMatrix(const Tensor& weight);

  bool defined() const { return codes_.defined(); }
  int64_t out() const { return out_; }
  int64_t in() const { return in_; }

  /// x float [n, in] → x Wᵀ + bias [n, out]; records no gradient. bias: float [out], or undefined.
  Tensor product(const Tensor& x, const Tensor& bias = {}) const;

 private:
  int64_t out_ = 0, in_ = 0;
  Tensor codes_;  // int8, in panels of 16 rows: [out / 16, in / 4, 16, 4], with zeros at the ends
  Tensor scale_;  // float, of each row
  Tensor sum_;    // float, of each row's numbers
};

}  // namespace segue
