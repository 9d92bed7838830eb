#include "layers/byte_matrix.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "layers/byte_kernels.h"

namespace segue {
namespace {

constexpr int64_t panel = ByteKernels::panel, group = ByteKernels::group, rows_at_once = 4;
constexpr float largest = 63;

constexpr int64_t up_to(int64_t n, int64_t multiple) { return (n + multiple - 1) / multiple * multiple; }

}  // namespace

ByteMatrix::ByteMatrix(const Tensor& weight) : out_(weight.size(0)), in_(weight.size(1)) {
  const Tensor from = weight.to(at::kFloat).contiguous();
  const auto* const numbers = from.const_data_ptr<float>();
  const int64_t width = up_to(in_, group), height = up_to(out_, panel);
  codes_ = at::zeros({height / panel, width / group, panel, group}, at::TensorOptions(at::kChar));
  scale_ = at::zeros({height}, at::TensorOptions(at::kFloat));
  sum_ = at::zeros({height}, at::TensorOptions(at::kFloat));
  for (int64_t r = 0; r < out_; ++r) {
    const float* const row = numbers + r * in_;
    float most = 0;
    for (int64_t k = 0; k < in_; ++k) most = std::max(most, std::abs(row[k]));
    const float scale = most / largest;
    int8_t* const into = codes_.mutable_data_ptr<int8_t>() + r / panel * panel * width + r % panel * group;
    int64_t sum = 0;
    for (int64_t k = 0; k < in_; ++k) {
      const auto code = static_cast<int8_t>(scale > 0 ? std::clamp(std::nearbyint(row[k] / scale), -largest, largest) : 0);
      into[k / group * panel * group + k % group] = code;
      sum += code;
    }
    scale_.mutable_data_ptr<float>()[r] = scale;
    sum_.mutable_data_ptr<float>()[r] = scale * static_cast<float>(sum);
  }
}

Tensor ByteMatrix::product(const Tensor& x, const Tensor& bias) const {
  const int64_t n = x.size(0), width = up_to(in_, group), panels = codes_.size(0), out = out_;
  const Tensor from = x.contiguous(), read = at::empty({n, width}, at::TensorOptions(at::kByte)), steps = at::empty({n, 2}, at::TensorOptions(at::kFloat));
  Tensor y = at::empty({n, out}, x.options());
  auto* const codes = read.mutable_data_ptr<uint8_t>();
  auto *const step = steps.mutable_data_ptr<float>(), *const into = y.mutable_data_ptr<float>();
  const auto *const numbers = from.const_data_ptr<float>(), *const given = bias.defined() ? bias.const_data_ptr<float>() : nullptr;
  const auto &kernels = byte_kernels();
  for (int64_t r = 0; r < n; ++r) {
    std::fill_n(codes + r * width + in_, width - in_, uint8_t{0});
    kernels.round(numbers + r * in_, in_, codes + r * width, step + 2 * r, step + 2 * r + 1);
  }
  const auto* const matrix = codes_.const_data_ptr<int8_t>();
  const auto *const scales = scale_.const_data_ptr<float>(), *const row_sums = sum_.const_data_ptr<float>();
  std::array<int32_t, panel * rows_at_once> sums;
  for (int64_t first = 0; first < panels * panel; first += panel) {
    const int64_t columns = std::min(panel, out - first);
    std::array<float, panel> added{}, scale, sum;
    if (given != nullptr) std::copy_n(given + first, columns, added.begin());
    std::copy_n(scales + first, panel, scale.begin());
    std::copy_n(row_sums + first, panel, sum.begin());
    for (int64_t r = 0; r < n; r += rows_at_once) {
      const int64_t rows = std::min(rows_at_once, n - r);
      kernels.products(codes + r * width, width, rows, matrix + first * width, width, sums.data());
      for (int64_t i = 0; i < rows; ++i) {
        std::array<float, panel> made;
        const float least = step[2 * (r + i)], each = step[2 * (r + i) + 1];
        const int32_t* const whole = sums.data() + i * panel;
        for (size_t c = 0; c < panel; ++c) made[c] = added[c] + least * sum[c] + each * scale[c] * static_cast<float>(whole[c]);
        std::copy_n(made.begin(), columns, into + (r + i) * out + first);
      }
    }
  }
  return y;
}

}  // namespace segue
