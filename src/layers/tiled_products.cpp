#include "layers/tiled_products.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "core/aligned_array.h"
#include "layers/stored_reader.h"
#include "layers/tile_kernels.h"

namespace segue {
namespace {

constexpr int64_t panel = TileKernels::columns, depth = TileKernels::depth, block = WeightKernels::block;
constexpr int64_t apart = 32;       // numbers between rows, so that they don't meet in one place of a cache
constexpr int64_t most_panels = 4, most_rows = 1024;  // whose sums stay in a cache
constexpr int64_t few_rows = 32;    // with which laying out costs more than it saves

constexpr int64_t up_to(int64_t n, int64_t multiple) { return (n + multiple - 1) / multiple * multiple; }

/// Rows of floats, each as the sum of two numbers of bf16, with zeros up to whole tiles.
struct Halves {
  /// x float [n, width]; by: what its columns are multiplied with, or null.
  Halves(const Tensor& x, const float* by)
      : n(x.size(0)), width(x.size(1)), length(up_to(width, TileKernels::step)), stride(length + apart), high(size()), low(size()) {
    const Tensor from = x.contiguous();
    const float* const read = from.const_data_ptr<float>();
    at::parallel_for(0, padded_rows(), 16, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        uint16_t *const h = high.data() + r * stride, *const l = low.data() + r * stride;
        const int64_t there = r < n ? width : 0;
        tile_kernels()->split(read + r * width, by, there, h, l);
        std::fill(h + there, h + stride, uint16_t{0});
        std::fill(l + there, l + stride, uint16_t{0});
      }
    });
  }

  int64_t padded_rows() const { return up_to(n, TileKernels::rows); }
  size_t size() const { return static_cast<size_t>(padded_rows() * stride); }

  int64_t n, width, length, stride;
  AlignedArray<uint16_t> high, low;
};

/// A part of a matrix in bf16, and what that lacks.
class Part {
 public:
  explicit Part(const FrozenMatrix& matrix) : out_(matrix.out()), in_(matrix.in()) {
    if (matrix.storage() == Storage::bf16) halves_ = matrix.parts().numbers.const_data_ptr<at::BFloat16>();
    else reader_.emplace(matrix.parts());
  }

  bool has_rest() const { return reader_ && reader_->bytes == nullptr; }
  const uint16_t* rows() const { return rows_.data(); }
  const uint16_t* rest() const { return rest_.data(); }

  /// [high, wide] from a row and a column on, with zeros beyond the matrix. wide: a multiple of 64.
  void read(int64_t row, int64_t high, int64_t column, int64_t wide) {
    for (int64_t r = 0; r < high; ++r, ++row) {
      uint16_t* const into = rows_.data() + r * wide;
      const int64_t there = row < out_ ? std::clamp((reader_ ? padded(in_) : in_) - column, int64_t{0}, wide) : 0;
      if (there > 0 && !reader_) std::memcpy(into, halves_ + row * in_ + column, static_cast<size_t>(there) * sizeof(uint16_t));
      else if (there > 0 && reader_->bytes != nullptr) tile_kernels()->widen(reader_->bytes + row * padded(in_) + column, there, into);
      else if (there > 0) look_up(row, column, there, into, rest_.data() + r * wide);
      std::fill(into + there, into + wide, uint16_t{0});
      if (has_rest()) std::fill(rest_.data() + r * wide + there, rest_.data() + (r + 1) * wide, uint16_t{0});
    }
  }

 private:
  void look_up(int64_t row, int64_t column, int64_t n, uint16_t* high, uint16_t* low) {
    std::array<int16_t, depth> codes;
    std::array<float, depth / block> scales;
    std::array<float, block> made;
    reader_->unpack(row, padded(in_), column, n, codes.data(), scales.data());
    for (int64_t b = 0; b < n / block; ++b) {
      weight_kernels().scaled(codes.data() + b * block, scales[static_cast<size_t>(b)], made.data());
      tile_kernels()->split(made.data(), nullptr, block, high + b * block, low + b * block);
    }
  }

  int64_t out_, in_;
  const at::BFloat16* halves_ = nullptr;
  std::optional<StoredReader> reader_;
  AlignedArray<uint16_t> rows_{static_cast<size_t>(panel * depth)}, rest_{static_cast<size_t>(panel * depth)};
};

/// y [n, columns] from x and a matrix, which gives panels: read(part, first column, first number of the sums) and pack. A column of y
/// is multiplied with its scale (or null), and the bias (or null) is added. Some panels and some rows at a time: what is added to stays in
/// a cache, and x is fetched once for all of them.
template <class Read>
void multiply(const Halves& x, const FrozenMatrix& matrix, int64_t columns, const Read& read, void (*pack)(const uint16_t*, uint16_t*), const float* scale,
              const float* bias, float* y) {
  const auto& kernels = *tile_kernels();
  const int64_t panels = up_to(columns, panel) / panel, at_once = std::clamp(panels / at::get_num_threads(), int64_t{1}, most_panels);
  constexpr int64_t of_panel = panel * depth;
  at::parallel_for(0, up_to(panels, at_once) / at_once, 1, [&](int64_t first, int64_t last) {
    Part part(matrix);
    AlignedArray<uint16_t> packed(static_cast<size_t>(at_once * of_panel)), rest(part.has_rest() ? packed.size() : 0);
    AlignedArray<float> sums(static_cast<size_t>(at_once * std::min(most_rows, x.padded_rows()) * panel));
    for (int64_t begin = first * at_once; begin < std::min(panels, last * at_once); begin += at_once) {
      const int64_t count = std::min(at_once, panels - begin);
      for (int64_t row = 0; row < x.n; row += most_rows) {
        const int64_t rows = std::min(most_rows, x.padded_rows() - row);
        std::fill_n(sums.data(), count * rows * panel, 0.0F);
        for (int64_t k = 0; k < x.length; k += depth) {
          for (int64_t p = 0; p < count; ++p) {
            read(part, (begin + p) * panel, k);
            pack(part.rows(), packed.data() + p * of_panel);
            if (part.has_rest()) pack(part.rest(), rest.data() + p * of_panel);
          }
          kernels.multiply(x.high.data() + row * x.stride + k, x.low.data() + row * x.stride + k, x.stride, rows, packed.data(),
                           part.has_rest() ? rest.data() : nullptr, count, std::min(depth, x.length - k), sums.data());
        }
        for (int64_t p = 0; p < count; ++p) {
          const int64_t column = (begin + p) * panel;
          kernels.finish(sums.data() + p * rows * panel, std::min(rows, x.n - row), std::min(panel, columns - column), scale == nullptr ? nullptr : scale + column,
                         bias == nullptr ? nullptr : bias + column, y + row * columns + column, columns);
        }
      }
    }
  });
}

const float* row_scales(const FrozenMatrix& matrix) { return matrix.storage() == Storage::int8 ? matrix.parts().scale.const_data_ptr<float>() : nullptr; }

}  // namespace

bool multiplies_in_tiles(const FrozenMatrix& matrix, int64_t n) {
  return n > few_rows && matrix.storage() != Storage::f32 && matrix.parts().numbers.scalar_type() != at::kHalf && tile_kernels() != nullptr;
}

Tensor tiled_product(const Tensor& x, const FrozenMatrix& matrix, const Tensor& bias) {
  const Halves halves(x, nullptr);
  Tensor y = at::empty({halves.n, matrix.out()}, x.options());
  const Tensor added = bias.defined() ? bias.contiguous() : bias;
  const auto read = [](Part& part, int64_t row, int64_t column) { part.read(row, panel, column, depth); };
  multiply(halves, matrix, matrix.out(), read, tile_kernels()->pack_rows, row_scales(matrix), added.defined() ? added.const_data_ptr<float>() : nullptr,
           y.mutable_data_ptr<float>());
  return y;
}

Tensor tiled_product_back(const Tensor& slope, const FrozenMatrix& matrix) {
  const Halves halves(slope, row_scales(matrix));
  Tensor by = at::empty({halves.n, matrix.in()}, slope.options());
  const auto read = [](Part& part, int64_t column, int64_t row) { part.read(row, depth, column, panel); };
  multiply(halves, matrix, matrix.in(), read, tile_kernels()->pack_columns, nullptr, nullptr, by.mutable_data_ptr<float>());
  return by;
}

}  // namespace segue
