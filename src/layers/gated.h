#pragma once

#include "core/tensor.h"

namespace segue {

/// silu(gate) · up (SwiGLU; Shazeer, 2020, arXiv:2002.05202), with its gradient; both of one shape. Keeps the two, and no more.
Tensor gated(const Tensor& gate, const Tensor& up);

}  // namespace segue
