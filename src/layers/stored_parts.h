#pragma once

#include "layers/frozen_matrix.h"
#include "layers/weight_kernels.h"

namespace segue {

constexpr int64_t scales_of_a_range = 256;

/// Columns with the zeros behind them that kernels want.
constexpr int64_t padded(int64_t in) { return (in + WeightKernels::block - 1) / WeightKernels::block * WeightKernels::block; }
Tensor with_padding(const Tensor& x);

/// A matrix as it is kept; weight: any floating-point [out, in].
FrozenMatrix::Parts stored_parts(const Tensor& weight, Storage storage);

}  // namespace segue
