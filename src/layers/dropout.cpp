#include "layers/dropout.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <cmath>

#include "core/random.h"

namespace segue {

// On a GPU the numbers still come from here, so that they are the same: they are drawn on the CPU and sent.
Tensor Noise::keep(int64_t rows, int64_t numbers, double chance) {
  Tensor kept = at::empty({rows, numbers}, at::TensorOptions(at::kFloat));
  float* out = kept.mutable_data_ptr<float>();
  const uint64_t key = mix_bits(mix_bits(key_ ^ mix_bits(static_cast<uint64_t>(step_))) + static_cast<uint64_t>(layer_++));
  const auto least = static_cast<uint32_t>(std::ceil(chance * 0x1p24));  // of 24 bits, to be kept
  const auto louder = static_cast<float>(1 / (1 - chance));
  for (int64_t row = 0; row < rows; ++row, out += numbers) {
    const uint64_t of_row = mix_bits(key ^ static_cast<uint64_t>(first_ + row * stride_));
    int64_t i = 0;
    for (; i + 1 < numbers; i += 2) {  // one draw of 64 bits serves two numbers
      const uint64_t bits = mix_bits(of_row + static_cast<uint64_t>(i));
      out[i] = static_cast<uint32_t>(bits >> 40) >= least ? louder : 0.0F;
      out[i + 1] = static_cast<uint32_t>((bits >> 8) & 0xffffff) >= least ? louder : 0.0F;
    }
    if (i < numbers) out[i] = static_cast<uint32_t>(mix_bits(of_row + static_cast<uint64_t>(i)) >> 40) >= least ? louder : 0.0F;
  }
  return kept;
}

Tensor Noise::dropout(const Tensor& x, double chance) {
  if (chance <= 0) return x;
  return x * keep(x.size(0), x.numel() / x.size(0), chance).view(x.sizes()).to(x.device());
}

}  // namespace segue
