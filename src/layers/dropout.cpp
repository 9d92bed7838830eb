#include "layers/dropout.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include "core/random.h"

namespace segue {

Tensor Noise::draw(int64_t rows, int64_t numbers) {
  Tensor uniform = at::empty({rows, numbers}, at::TensorOptions(at::kFloat));
  float* out = uniform.mutable_data_ptr<float>();
  const uint64_t key = mix_bits(mix_bits(key_ ^ mix_bits(static_cast<uint64_t>(step_))) + static_cast<uint64_t>(layer_++));
  at::parallel_for(0, rows, 1 + (1 << 14) / (numbers + 1), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const uint64_t of_row = mix_bits(key ^ static_cast<uint64_t>(first_ + row * stride_));
      for (int64_t i = 0; i < numbers; i += 2) {  // one draw of 64 bits serves two numbers
        const uint64_t bits = mix_bits(of_row + static_cast<uint64_t>(i));
        out[row * numbers + i] = static_cast<float>(bits >> 40) * 0x1p-24F;
        if (i + 1 < numbers) out[row * numbers + i + 1] = static_cast<float>((bits >> 8) & 0xffffff) * 0x1p-24F;
      }
    }
  });
  return uniform;
}

Tensor Noise::dropout(const Tensor& x, double chance) {
  if (chance <= 0) return x;
  const Tensor keep = draw(x.size(0), x.numel() / x.size(0)).ge_(chance).mul_(1 / (1 - chance));
  return x * keep.view(x.sizes()).to(x.device());
}

}  // namespace segue
