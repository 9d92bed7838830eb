#pragma once

#include "core/tensor.h"

namespace segue {

/// Rows of length 1: x [..., D] / max(|x|, 1e-6). As by plain operations, with a gradient in a third of the passes.
Tensor unit_rows(const Tensor& x);

}  // namespace segue
