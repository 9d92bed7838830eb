#include "layers/gated.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/silu.h>
#include <torch/csrc/autograd/custom_function.h>

#include "layers/element_kernels.h"

namespace segue {
namespace {

constexpr int64_t at_once = 1 << 14;  // numbers of a thread

class Gated : public torch::autograd::Function<Gated> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& gate, const Tensor& up) {
    context->save_for_backward({gate, up});
    const Tensor out = at::empty_like(gate);
    at::parallel_for(0, gate.numel(), at_once, [&](int64_t begin, int64_t end) {
      element_kernels().gated(gate.const_data_ptr<float>() + begin, up.const_data_ptr<float>() + begin, out.mutable_data_ptr<float>() + begin, end - begin);
    });
    return out;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, const torch::autograd::variable_list& slopes) {
    const auto saved = context->get_saved_variables();
    const Tensor slope = slopes[0].contiguous(), by_gate = at::empty_like(slope), by_up = at::empty_like(slope);
    at::parallel_for(0, slope.numel(), at_once, [&](int64_t begin, int64_t end) {
      element_kernels().gated_back(slope.const_data_ptr<float>() + begin, saved[0].const_data_ptr<float>() + begin, saved[1].const_data_ptr<float>() + begin,
                                   by_gate.mutable_data_ptr<float>() + begin, by_up.mutable_data_ptr<float>() + begin, end - begin);
    });
    return {by_gate, by_up};
  }
};

}  // namespace

Tensor gated(const Tensor& gate, const Tensor& up) {
  TORCH_CHECK(gate.sizes() == up.sizes(), "gated: ", gate.sizes(), " beside ", up.sizes());
  if (!gate.is_cpu() || gate.scalar_type() != at::kFloat) return at::silu(gate) * up;
  return Gated::apply(gate.contiguous(), up.contiguous());
}

}  // namespace segue
