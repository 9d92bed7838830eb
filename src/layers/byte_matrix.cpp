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
  const int64_t n = x.size(0), width = up_to(in_, group), panels = codes_.size(0);
  const Tensor from = x.contiguous(), read = at::empty({n, width}, at::TensorOptions(at::kByte)), steps = at::empty({n, 2}, at::TensorOptions(at::kFloat));
  Tensor y = at::empty({n, out_}, x.options());
  auto* const codes = read.mutable_data_ptr<uint8_t>();
  auto* const step = steps.mutable_data_ptr<float>();
  for (int64_t r = 0; r < n; ++r) {
    std::fill_n(codes + r * width + in_, width - in_, uint8_t{0});
    byte_kernels().round(from.const_data_ptr<float>() + r * in_, in_, codes + r * width, step + 2 * r, step + 2 * r + 1);
  }
  std::array<int32_t, panel * rows_at_once> sums;
  for (int64_t p = 0; p < panels; ++p) {
    const int64_t columns = std::min(panel, out_ - p * panel);
    const float *const scale = scale_.const_data_ptr<float>() + p * panel, *const sum = sum_.const_data_ptr<float>() + p * panel;
    std::array<float, panel> added{};
    if (bias.defined()) std::copy_n(bias.const_data_ptr<float>() + p * panel, columns, added.begin());
    for (int64_t r = 0; r < n; r += rows_at_once) {
      const int64_t rows = std::min(rows_at_once, n - r);
      byte_kernels().products(codes + r * width, width, rows, codes_.const_data_ptr<int8_t>() + p * panel * width, width, sums.data());
      for (int64_t i = 0; i < rows; ++i) {
        float* const into = y.mutable_data_ptr<float>() + (r + i) * out_ + p * panel;
        const float least = step[2 * (r + i)], each = step[2 * (r + i) + 1];
        for (int64_t c = 0; c < columns; ++c) into[c] = added[static_cast<size_t>(c)] + least * sum[c] + each * scale[c] * static_cast<float>(sums[static_cast<size_t>(i * panel + c)]);
      }
    }
  }
  return y;
}

}  // namespace segue
