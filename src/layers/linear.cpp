#include "layers/linear.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/linear.h>

namespace segue {

Tensor FrozenLinear::forward(const Tensor& x, Noise* noise) const {
  const Tensor y = at::linear(x, weight, bias);
  if (!adapter) return y;
  const Tensor few = at::linear(dropout(x, noise, adapter->dropout), adapter->a);  // [.., rank]
  return y + at::linear(few, adapter->b) * adapter->scale;
}

}  // namespace segue
