#include "layers/dropout.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include <cmath>

#include "core/random.h"
#include "layers/beside.h"
#include "layers/element_kernels.h"

namespace segue {
namespace {

constexpr int64_t at_once = 1 << 15;  // numbers of a thread

bool has_kernel(const Tensor& x) { return x.is_cpu() && x.scalar_type() == at::kFloat; }

/// What is kept is a byte a number, where a product would keep two tensors for the gradient.
class Dropped : public torch::autograd::Function<Dropped> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x, const DropoutMask& mask) {
    Beside<DropoutMask>::keep(context, mask);
    return mask.of(x);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, const torch::autograd::variable_list& slopes) {
    return {Beside<DropoutMask>::of(context).of(slopes[0]), Tensor()};
  }
};

}  // namespace

Tensor DropoutMask::as_factors(const Tensor& x) const { return kept_.view(x.sizes()).to(x.options()) * louder_; }

Tensor DropoutMask::of(const Tensor& x) const {
  if (!has_kernel(x)) return x * as_factors(x);
  const Tensor from = x.contiguous(), out = at::empty_like(from);
  at::parallel_for(0, from.numel(), at_once, [&](int64_t begin, int64_t end) {
    element_kernels().masked(from.const_data_ptr<float>() + begin, kept_.const_data_ptr<uint8_t>() + begin, louder_, out.mutable_data_ptr<float>() + begin, end - begin);
  });
  return out;
}

void DropoutMask::add_to(Tensor& sum, const Tensor& x) const {
  if (!has_kernel(x)) {
    sum.add_(x * as_factors(x));
    return;
  }
  const Tensor from = x.contiguous();
  at::parallel_for(0, from.numel(), at_once, [&](int64_t begin, int64_t end) {
    element_kernels().add_masked(from.const_data_ptr<float>() + begin, kept_.const_data_ptr<uint8_t>() + begin, louder_, sum.mutable_data_ptr<float>() + begin, end - begin);
  });
}

// On a GPU the numbers still come from here, so that they are the same: they are drawn on the CPU and sent.
DropoutMask Noise::mask(const Tensor& x, double chance) {
  const int64_t rows = x.size(0), numbers = x.numel() / rows;
  const Tensor kept = at::empty({rows, numbers}, at::TensorOptions(at::kByte));
  auto* out = kept.mutable_data_ptr<uint8_t>();
  const uint64_t key = mix_bits(mix_bits(key_ ^ mix_bits(static_cast<uint64_t>(step_))) + static_cast<uint64_t>(layer_++));
  const auto least = static_cast<uint32_t>(std::ceil(chance * 0x1p24));  // of 24 bits, to be kept
  for (int64_t row = 0; row < rows; ++row, out += numbers) {
    const uint64_t of_row = mix_bits(key ^ static_cast<uint64_t>(first_ + row * stride_));
    int64_t i = 0;
    for (; i + 1 < numbers; i += 2) {  // one draw of 64 bits serves two numbers
      const uint64_t bits = mix_bits(of_row + static_cast<uint64_t>(i));
      out[i] = static_cast<uint32_t>(bits >> 40) >= least;
      out[i + 1] = static_cast<uint32_t>((bits >> 8) & 0xffffff) >= least;
    }
    if (i < numbers) out[i] = static_cast<uint32_t>(mix_bits(of_row + static_cast<uint64_t>(i)) >> 40) >= least;
  }
  return {kept.to(x.device()), chance};
}

Tensor Noise::dropout(const Tensor& x, double chance) { return chance <= 0 ? x : Dropped::apply(x, mask(x, chance)); }

}  // namespace segue
