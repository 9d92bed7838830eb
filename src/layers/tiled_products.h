#pragma once

#include "layers/frozen_matrix.h"

namespace segue {

/// Whether so many rows are multiplied with the matrix in tiles of bf16 (tile_kernels.h) on this processor: there are enough of them
/// to pay for laying its numbers out anew. f32 never is.
bool multiplies_in_tiles(const FrozenMatrix& matrix, int64_t n);

/// x float [n, in] → x Wᵀ + bias [n, out]; bias: [out], or undefined.
Tensor tiled_product(const Tensor& x, const FrozenMatrix& matrix, const Tensor& bias);
/// slope float [n, out] → slope W [n, in]
Tensor tiled_product_back(const Tensor& slope, const FrozenMatrix& matrix);

}  // namespace segue
