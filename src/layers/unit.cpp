#include "layers/unit.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/addcmul.h>
#include <torch/csrc/autograd/custom_function.h>

namespace segue {
namespace {

class UnitRows : public torch::autograd::Function<UnitRows> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x) {
    const Tensor length = x.norm(2, {-1}, true).clamp_min(1e-6);
    const Tensor unit = x / length;
    context->save_for_backward({unit, length});
    return unit;
  }

  /// What points along the row is lost.
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list slopes) {
    const auto saved = context->get_saved_variables();
    const Tensor &unit = saved[0], &length = saved[1], &slope = slopes[0];
    return {at::addcmul(slope, unit, (slope * unit).sum(-1, true), -1).div_(length)};
  }
};

}  // namespace

Tensor unit_rows(const Tensor& x) { return UnitRows::apply(x); }

}  // namespace segue
