#include "layers/frozen_matrix.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/repeat_interleave.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <array>

#include "core/aligned_array.h"
#include "layers/stored_parts.h"
#include "layers/stored_reader.h"
#include "layers/tiled_products.h"
#include "layers/weight_kernels.h"

namespace segue {
namespace {

constexpr int64_t block = WeightKernels::block, wide_block = WeightKernels::wide_block;
constexpr int64_t at_once = 1280;          // columns of a panel: what is added to a result at a time
constexpr int64_t in_nearest_cache = 10'000;  // numbers of 16 bits, beside others
constexpr int64_t floats_in_nearest_cache = 6'000;
constexpr int64_t until_there = 8192;        // bytes that are read while memory answers: into the second cache, which waits for more lines than the first
constexpr int64_t panel = 24;              // its rows
constexpr int64_t apart = 32;              // numbers between its rows, so that they don't meet in one place of a cache
constexpr int64_t unpacked_numbers = 1 << 20;  // as floats, at a time

/// x in whole numbers of 16 bits.
struct Whole {
  explicit Whole(const Tensor& x) {
    const Tensor from = with_padding(x);
    const int64_t n = from.size(0), width = from.size(1), scales = (width + wide_block - 1) / wide_block;
    codes = at::empty({n, width}, at::TensorOptions(at::kShort));
    scale = at::empty({n, scales}, at::TensorOptions(at::kFloat));
    at::parallel_for(0, n, 16, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        weight_kernels().whole(from.const_data_ptr<float>() + r * width, width, codes.mutable_data_ptr<int16_t>() + r * width,
                               scale.mutable_data_ptr<float>() + r * scales);
      }
    });
  }
  Tensor codes, scale;
};

/// x from a column on.
WholeNumbers from_column(const WholeNumbers& x, int64_t column) { return {x.codes + column, x.stride, x.scale + column / wide_block, x.scale_stride}; }

/// All rows of weights, [out, width], over one span of columns after the other, which stays in the nearest cache: calls
/// multiply(row, first column, columns) for at most `step` columns.
template <class Multiply>
void over_few_rows(int64_t out, int64_t width, int64_t span, int64_t step, const Multiply& multiply) {
  at::parallel_for(0, out, std::max<int64_t>(1, (1 << 15) / width), [&](int64_t first, int64_t last) {
    for (int64_t begin = 0; begin < width; begin += span) {
      const int64_t end = std::min(width, begin + span);
      for (int64_t row = first; row < last; ++row) {
        for (int64_t from = begin; from < end; from += step) multiply(row, from, std::min(step, end - from));
      }
    }
  });
}

}  // namespace

const Registry<Storage>& storages() {
  static const Registry<Storage> table{
      "storage",
      {
          {"bf16", Storage::bf16},
          {"f32", Storage::f32},
          {"int8", Storage::int8},
          {"nf4", Storage::nf4},
      },
  };
  return table;
}

std::string name_of(Storage storage) {
  for (const auto& [name, known] : storages()) {
    if (known == storage) return name;
  }
  return "";
}

std::optional<Storage> storage_named(const std::string& name) { return name.empty() ? std::nullopt : std::optional(storages().at(name)); }

FrozenMatrix::FrozenMatrix(const Tensor& weight, Storage storage) : storage_(storage), in_(weight.size(1)), parts_(stored_parts(weight, storage)) {}

FrozenMatrix::FrozenMatrix(Storage storage, int64_t in, Parts parts) : storage_(storage), in_(in), parts_(std::move(parts)) {}

int64_t FrozenMatrix::bytes() const {
  int64_t sum = 0;
  for (const Tensor* part : {&parts_.numbers, &parts_.scale, &parts_.ranges}) sum += part->defined() ? static_cast<int64_t>(part->nbytes()) : 0;
  return sum;
}

void FrozenMatrix::to(const at::TensorOptions& options) {
  for (Tensor* part : {&parts_.numbers, &parts_.scale, &parts_.ranges}) {
    if (part->defined()) *part = part->to(storage_ == Storage::f32 ? options : options.dtype(part->scalar_type()));
  }
}

bool FrozenMatrix::has_kernel(const Tensor& x) const { return x.is_cpu() && x.scalar_type() == at::kFloat; }

Tensor FrozenMatrix::product(const Tensor& x, const Tensor& bias) const {
  if (storage_ == Storage::f32) return at::linear(x, parts_.numbers, bias);
  const at::NoGradGuard no_grad;
  if (!has_kernel(x)) return at::linear(x, numbers().to(x.options()), bias);
  if (multiplies_in_tiles(*this, x.size(0))) return tiled_product(x, *this, bias);
  return storage_ == Storage::bf16 ? product_bf16(x, bias) : product_whole(x, bias);
}

/// What starts as the bias, for products to be added to.
Tensor FrozenMatrix::started(const Tensor& x, const Tensor& bias) const {
  Tensor y = at::empty({x.size(0), out()}, x.options());
  return bias.defined() ? y.copy_(bias.expand(y.sizes())) : y.zero_();
}

Tensor FrozenMatrix::few_products_bf16(const Tensor& x, const Tensor& bias) const {
  const Tensor from = x.contiguous();
  Tensor y = started(x, bias);
  const int64_t n = x.size(0), stride = out();
  const auto* const codes = reinterpret_cast<const uint16_t*>(parts_.numbers.const_data_ptr<at::BFloat16>());
  const auto* const read = from.const_data_ptr<float>();
  auto* const into = y.mutable_data_ptr<float>();
  const auto& kernels = weight_kernels();
  const int64_t span = n * in_ <= floats_in_nearest_cache ? in_ : at_once / 2, ahead = span == in_ ? until_there : 2 * in_;
  over_few_rows(stride, in_, span, span, [&](int64_t row, int64_t from_column, int64_t columns) {
    kernels.few_halves(read + from_column, in_, n, codes + row * in_ + from_column, columns, ahead, into + row, stride);
  });
  return y;
}

Tensor FrozenMatrix::product_bf16(const Tensor& x, const Tensor& bias) const {
  if (x.size(0) <= WeightKernels::few && parts_.numbers.scalar_type() == at::kBFloat16) return few_products_bf16(x, bias);
  const Tensor y = at::empty({x.size(0), out()}, x.options());
  in_pieces([&](int64_t begin, const Tensor& rows) {
    Tensor part = y.narrow(1, begin, rows.size(0));
    at::mm_out(part, x, rows.t());
  });
  return bias.defined() ? y.add_(bias) : y;
}

Tensor FrozenMatrix::product_whole(const Tensor& x, const Tensor& bias) const {
  const int64_t n = x.size(0), width = padded(in_);
  const Whole whole(x);
  Tensor y = started(x, bias);
  auto* const into = y.mutable_data_ptr<float>();
  const WholeNumbers read{whole.codes.const_data_ptr<int16_t>(), width, whole.scale.const_data_ptr<float>(), whole.scale.size(1)};
  if (n <= WeightKernels::few) few_products(read, n, into);
  else many_products(read, n, into);
  return y;
}

void FrozenMatrix::few_products(const WholeNumbers& x, int64_t n, float* y) const {
  const int64_t width = padded(in_), stride = out();
  const StoredReader reader(parts_);
  const auto& kernels = weight_kernels();
  // What is wanted next is fetched before.
  const int64_t span = n * width <= in_nearest_cache ? width : at_once, ahead = span == width ? until_there : width;
  over_few_rows(stride, width, span, at_once, [&](int64_t row, int64_t from, int64_t columns) {
    const int64_t at = row * width + from;
    if (storage_ == Storage::int8) {
      kernels.few_bytes(from_column(x, from), n, reader.bytes + at, reader.row_scale[row], columns, ahead, y + row, stride);
    } else {
      std::array<float, at_once / block> scales;
      reader.read_scales(at / block, columns / block, scales.data());
      kernels.few_nibbles(from_column(x, from), n, reader.nibbles + at / 2, scales.data(), columns, ahead / 2, y + row, stride);
    }
  });
}

void FrozenMatrix::many_products(const WholeNumbers& x, int64_t n, float* y) const {
  const bool blockwise = storage_ == Storage::nf4;
  const int64_t width = padded(in_), stride = std::min(at_once, width) + apart;
  const int64_t panels = (out() + panel - 1) / panel;
  const StoredReader reader(parts_);
  at::parallel_for(0, panels, 1, [&](int64_t first, int64_t last) {
    AlignedArray<int16_t> codes(static_cast<size_t>(panel * stride));
    std::array<float, panel * at_once / block> scales;
    for (int64_t p = first; p < last; ++p) {
      const int64_t begin = p * panel, count = std::min(panel, out() - begin);
      for (int64_t from = 0; from < width; from += at_once) {
        const int64_t columns = std::min(at_once, width - from), of_row = blockwise ? columns / block : 1;
        for (int64_t r = 0; r < count; ++r) reader.unpack(begin + r, width, from, columns, codes.data() + r * stride, scales.data() + r * of_row);
        weight_kernels().products(from_column(x, from), n, {codes.data(), stride, scales.data(), of_row}, count, columns, blockwise, y + begin, out());
      }
    }
  });
}

void FrozenMatrix::in_pieces(const std::function<void(int64_t begin, const Tensor& rows)>& job) const {
  const int64_t most = std::max<int64_t>(block, unpacked_numbers / in_);
  for (int64_t begin = 0; begin < out(); begin += most) job(begin, unpacked(begin, std::min(out(), begin + most)));
}

Tensor FrozenMatrix::unpacked(int64_t begin, int64_t end) const {
  if (storage_ == Storage::f32 || storage_ == Storage::bf16) return parts_.numbers.narrow(0, begin, end - begin).to(at::kFloat);
  const int64_t width = padded(in_);
  Tensor all = at::empty({end - begin, width}, at::TensorOptions(at::kFloat));
  auto* const out = all.mutable_data_ptr<float>();
  const StoredReader reader(parts_);
  at::parallel_for(begin, end, std::max<int64_t>(1, (1 << 15) / width), [&](int64_t first, int64_t last) {
    std::vector<int16_t> codes(static_cast<size_t>(width));
    std::vector<float> scales(static_cast<size_t>(width / block));
    for (int64_t row = first; row < last; ++row) {
      reader.unpack(row, width, 0, width, codes.data(), scales.data());
      for (int64_t b = 0; b < width / block; ++b) {
        weight_kernels().scaled(codes.data() + b * block, storage_ == Storage::nf4 ? scales[static_cast<size_t>(b)] : scales[0], out + (row - begin) * width + b * block);
      }
    }
  });
  return width == in_ ? all : all.narrow(1, 0, in_);
}

Tensor FrozenMatrix::product_back(const Tensor& slope) const {
  const at::NoGradGuard no_grad;
  if (storage_ == Storage::f32) return at::mm(slope, parts_.numbers);
  if (!has_kernel(slope)) return at::mm(slope, numbers().to(slope.options()));
  if (multiplies_in_tiles(*this, slope.size(0))) return tiled_product_back(slope, *this);
  Tensor by = at::zeros({slope.size(0), in_}, slope.options());
  in_pieces([&](int64_t begin, const Tensor& rows) { by.addmm_(slope.narrow(1, begin, rows.size(0)), rows); });
  return by;
}

// In plain operations, for any device.
Tensor FrozenMatrix::numbers() const {
  const Tensor& codes = parts_.numbers;
  if (storage_ == Storage::f32 || storage_ == Storage::bf16) return codes.to(at::kFloat);
  if (storage_ == Storage::int8) return (codes.to(at::kFloat) * parts_.scale.unsqueeze(1)).narrow(1, 0, in_);
  std::vector<float> table;
  for (const int16_t one : normal_float) table.push_back(static_cast<float>(one) / static_cast<float>(normal_float_one));
  const Tensor known = tensor_of(table, {16}).to(codes.device());
  std::vector<int64_t> order;  // of numbers in the bytes of a block
  for (int64_t i = 0; i < block; ++i) order.push_back(i / (block / 2) * (block / 2) + nibble_place(i % (block / 2)));
  const Tensor halves = codes.view({-1, block / 2}), in_bytes = at::cat({halves.bitwise_and(15), halves.bitwise_right_shift(4)}, 1);
  const Tensor places = in_bytes.index_select(1, tensor_of(order, {block}).to(codes.device()));
  const Tensor of_group = at::repeat_interleave(parts_.ranges, scales_of_a_range, 0).narrow(0, 0, parts_.scale.numel());
  const Tensor scale = of_group.select(1, 0) + parts_.scale.view({-1}).to(at::kFloat) * of_group.select(1, 1);
  return (known.index_select(0, places.view({-1}).to(at::kLong)).view(places.sizes()) * scale.unsqueeze(1)).view({out(), -1}).narrow(1, 0, in_);
}

}  // namespace segue
