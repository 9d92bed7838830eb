#pragma once

#include <optional>

#include "core/tensor.h"
#include "layers/dropout.h"
#include "layers/frozen_matrix.h"

namespace segue {

/// A small change of a frozen layer (LoRA; Hu et al., 2021, arXiv:2106.09685): + scale · B A x. Only A and B learn.
struct LoraFactors {
  Tensor a;  // float [rank, in]
  Tensor b;  // float [out, rank]; both may lie on another device
  double scale = 1;
  double dropout = 0;  // of what A reads, while training
};

/// A linear layer whose own weights stay as they are; a gradient goes through it to what it reads, and to its adapter.
struct FrozenLinear {
  FrozenMatrix weight;  // [out, in]
  Tensor bias;          // float [out], or undefined
  std::optional<LoraFactors> adapter = {};

  /// x float [.., in] → [.., out]; noise: of a training step, or null.
  Tensor forward(const Tensor& x, Noise* noise = nullptr) const;
};

}  // namespace segue
