#pragma once

#include <algorithm>

#include "layers/stored_parts.h"
#include "layers/weight_kernels.h"

namespace segue {

/// Numbers of int8 and nf4 as they lie in memory; to ask a tensor for its memory takes as long as a row.
struct StoredReader {
  explicit StoredReader(const FrozenMatrix::Parts& parts) {
    if (parts.numbers.scalar_type() == at::kChar) {
      bytes = parts.numbers.const_data_ptr<int8_t>();
      row_scale = parts.scale.const_data_ptr<float>();
    } else {
      nibbles = parts.numbers.const_data_ptr<uint8_t>();
      levels = parts.scale.const_data_ptr<uint8_t>();
      ranges = parts.ranges.const_data_ptr<float>();
    }
  }

  /// Scales of n blocks of nf4, of one step of its table.
  void read_scales(int64_t first, int64_t n, float* out) const {
    constexpr auto one = static_cast<float>(normal_float_one);
    for (const int64_t last = first + n; first < last;) {
      const int64_t end = std::min(last, (first / scales_of_a_range + 1) * scales_of_a_range);
      const float* const range = ranges + first / scales_of_a_range * 2;
      weight_kernels().levels(levels + first, end - first, range[0] / one, range[1] / one, out);
      out += end - first;
      first = end;
    }
  }

  /// n numbers of a row from column `from` on, and the scale of each block or of all.
  void unpack(int64_t row, int64_t width, int64_t from, int64_t n, int16_t* codes, float* scales) const {
    const int64_t at = row * width + from;
    if (bytes != nullptr) {
      weight_kernels().widen(bytes + at, n, codes);
      *scales = row_scale[row];
    } else {
      weight_kernels().look_up(nibbles + at / 2, n, codes);
      read_scales(at / WeightKernels::block, n / WeightKernels::block, scales);
    }
  }

  const int8_t* bytes = nullptr;
  const float* row_scale = nullptr;
  const uint8_t *nibbles = nullptr, *levels = nullptr;
  const float* ranges = nullptr;
};

}  // namespace segue
