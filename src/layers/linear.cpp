#include "layers/linear.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/mm.h>

#include "layers/beside.h"

namespace segue {
namespace {

using Slopes = torch::autograd::variable_list;

/// A frozen layer whose weights are not of f32.
class Frozen : public torch::autograd::Function<Frozen> {
 public:
  /// x [n, in] → [n, out]
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x, const FrozenLinear& layer) {
    Beside<FrozenMatrix>::keep(context, layer.weight);
    return layer.weight.product(x, layer.bias);
  }

  static Slopes backward(torch::autograd::AutogradContext* context, const Slopes& slopes) {
    return {Beside<FrozenMatrix>::of(context).product_back(slopes[0].contiguous()), Tensor()};
  }
};

/// A frozen layer and its adapter in one: what is wide is written once, and for the gradient no more is kept than what the
/// layer read, what the adapter made of it and a byte a number for the dropout.
class Adapted : public torch::autograd::Function<Adapted> {
 public:
  struct Held {
    FrozenMatrix weight;
    double scale;
    std::optional<DropoutMask> mask;
  };

  /// x [n, in] → [n, out]
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x, const Tensor& a, const Tensor& b, const FrozenLinear& layer,
                        std::optional<DropoutMask> mask) {
    const double scale = layer.adapter->scale;
    const Tensor y = layer.weight.product(x, layer.bias);
    const Tensor few = at::mm(mask ? mask->of(x) : x, a.t());  // [n, rank]
    y.addmm_(few, b.t(), 1, scale);
    context->save_for_backward({x, a, b, few});
    Beside<Held>::keep(context, {layer.weight, scale, std::move(mask)});
    return y;
  }

  static Slopes backward(torch::autograd::AutogradContext* context, const Slopes& slopes) {
    const Held& held = Beside<Held>::of(context);
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &a = saved[1], &b = saved[2], &few = saved[3], slope = slopes[0].contiguous();
    const Tensor by_few = at::mm(slope, b).mul_(held.scale);  // [n, rank]
    Slopes by(5);
    if (context->needs_input_grad(1)) by[1] = at::mm(by_few.t(), held.mask ? held.mask->of(x) : x);
    if (context->needs_input_grad(2)) by[2] = at::mm(slope.t(), few).mul_(held.scale);
    if (!context->needs_input_grad(0)) return by;
    by[0] = held.weight.product_back(slope);
    if (held.mask) held.mask->add_to(by[0], at::mm(by_few, a));
    else by[0].addmm_(by_few, a);
    return by;
  }
};

}  // namespace

Tensor FrozenLinear::forward(const Tensor& x, Noise* noise) const {
  if (!adapter && weight.storage() == Storage::f32) return weight.product(x, bias);
  auto sizes = x.sizes().vec();
  sizes.back() = weight.out();
  const Tensor rows = x.reshape({-1, x.size(-1)});
  if (!adapter) return Frozen::apply(rows, *this).view(sizes);
  std::optional<DropoutMask> mask;
  if (noise != nullptr && adapter->dropout > 0) mask = noise->mask(x, adapter->dropout);
  return Adapted::apply(rows, adapter->a.to(x.device()), adapter->b.to(x.device()), *this, std::move(mask)).view(sizes);
}

}  // namespace segue
