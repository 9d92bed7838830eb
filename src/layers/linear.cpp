#include "layers/linear.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/linear.h>

namespace segue {

Tensor FrozenLinear::forward(const Tensor& x, Noise* noise) const {
  const Tensor y = at::linear(x, weight, bias);
  if (!adapter) return y;
  const Tensor few = at::linear(dropout(x, noise, adapter->dropout), adapter->a);  // [.., rank]
  // In one pass over what is wide.
  return at::addmm(y.reshape({-1, y.size(-1)}), few.reshape({-1, few.size(-1)}), adapter->b.t(), 1, adapter->scale).view(y.sizes());
}

}  // namespace segue
