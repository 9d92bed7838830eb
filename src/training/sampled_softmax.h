#pragma once

#include "training/objectives.h"

namespace segue {

/// Σ weight · −ln softmax(label among label and negatives), by operations with autograd: keeps [M, K] several times.
Tensor plain_softmax_loss(const Targets& targets);

/// The same numbers and gradients, worked out tile by tile in one pass: the loss is the end of the computation, so its
/// gradient is known when it is. On the CPU, by one thread; keeps one tile.
Tensor fused_softmax_loss(const Targets& targets);

}  // namespace segue
