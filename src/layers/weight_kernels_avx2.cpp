#include "layers/weight_kernels.h"

#ifdef __x86_64__

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "layers/few_rows_avx2.h"

namespace segue {
namespace {

// __m256i stands for other numbers than these; GCC 12 keeps an array of it in memory when they are written into it.
using Sums = int32_t __attribute__((vector_size(32)));

SEGUE_AVX2 inline __m256i load(const int16_t* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); }

SEGUE_AVX2 void widen(const int8_t* codes, int64_t n, int16_t* out) {
  for (int64_t i = 0; i < n; i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(codes + i));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i), _mm256_cvtepi8_epi16(bytes));
  }
}

/// The lower or the upper bytes of the 16 numbers.
constexpr std::array<int8_t, 32> bytes_of_table(int shift) {
  std::array<int8_t, 32> bytes{};
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<int8_t>(normal_float[i % 16] >> shift);
  return bytes;
}
constexpr auto lower = bytes_of_table(0), upper = bytes_of_table(8);

/// One block, as four vectors of 16 numbers.
struct Block {
  __m256i part[4];
};

struct Bytes {
  const int8_t* codes;
  int64_t ahead;  // bytes that are fetched before they are wanted
  SEGUE_AVX2 inline void read(int64_t k, Block& out) const {
    _mm_prefetch(codes + k + ahead, _MM_HINT_T1);
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) out.part[i] = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(codes + k + 16 * i)));
  }
};

struct Nibbles {
  const uint8_t* codes;
  int64_t ahead;
  __m256i low, high, nibble;
  SEGUE_AVX2 Nibbles(const uint8_t* from, int64_t fetched)
      : codes(from),
        ahead(fetched),
        low(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(lower.data()))),
        high(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(upper.data()))),
        nibble(_mm256_set1_epi8(0xf)) {}
  SEGUE_AVX2 inline void read(int64_t k, Block& out) const {
    _mm_prefetch(codes + k / 2 + ahead, _MM_HINT_T1);
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes + k / 2));
    const __m256i places[2] = {_mm256_and_si256(bytes, nibble), _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble)};
#pragma GCC unroll 2
    for (int i = 0; i < 2; ++i) {
      const __m256i l = _mm256_shuffle_epi8(low, places[i]), h = _mm256_shuffle_epi8(high, places[i]);
      out.part[2 * i] = _mm256_unpacklo_epi8(l, h);
      out.part[2 * i + 1] = _mm256_unpackhi_epi8(l, h);
    }
  }
};

SEGUE_AVX2 void look_up(const uint8_t* codes, int64_t n, int16_t* out) {
  const Nibbles from(codes, 0);
  Block block;
  for (int64_t k = 0; k < n; k += WeightKernels::block) {
    from.read(k, block);
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + k + 16 * i), block.part[i]);
  }
}

SEGUE_AVX2 void levels(const uint8_t* codes, int64_t n, float low, float step, float* out) {
  for (int64_t i = 0; i < n; ++i) out[i] = low + static_cast<float>(codes[i]) * step;
}

SEGUE_AVX2 void scaled(const int16_t* codes, float scale, float* out) {
  for (int64_t i = 0; i < WeightKernels::block; ++i) out[i] = static_cast<float>(codes[i]) * scale;
}

SEGUE_AVX2 void whole(const float* x, int64_t n, int16_t* codes, float* scale) {
  constexpr int64_t block = WeightKernels::wide_block;
  constexpr float round = 12582912.0F;  // 1.5 · 2^23: adding it leaves no binary places
  for (int64_t i = 0; i < n; i += block) {
    const int64_t end = std::min(n, i + block);
    int32_t most_bits = 0;  // as whole numbers the absolute values are in the same order, and NaN is above all
    for (int64_t j = i; j < end; ++j) most_bits = std::max(most_bits, std::bit_cast<int32_t>(x[j]) & 0x7fffffff);
    const auto most = std::bit_cast<float>(most_bits);
    const float steps = most > 0 ? 32767.0F / most : 0.0F;
    *scale++ = most / 32767.0F;
    if (most_bits >= 0x7f800000) {  // not finite: so is what is made of it
      std::fill_n(codes + i, end - i, int16_t{1});
      continue;
    }
    for (int64_t j = i; j < end; ++j) codes[j] = static_cast<int16_t>(std::bit_cast<int32_t>(x[j] * steps + round) - std::bit_cast<int32_t>(round));
  }
}

/// Products over one wide block, for rows of x and columns of weights of 16 bits. With 3 and 3 of them the sums, what is
/// multiplied and the products fit in the 16 registers.
template <int rows, int columns, bool blockwise>
SEGUE_AVX2 inline void add_block(const WholeNumbers& x, const WholeNumbers& w, int64_t k, int64_t end, __m256 (&wide)[rows][columns]) {
  const int64_t length = blockwise ? WeightKernels::block : WeightKernels::wide_block;
  while (k < end) {
    Sums sum[rows][columns] = {};
    const int64_t b = k / WeightKernels::block;
    for (const int64_t stop = std::min(end, k + length); k < stop; k += 16) {
      __m256i weight[columns];
#pragma GCC unroll 3
      for (int c = 0; c < columns; ++c) weight[c] = load(w.codes + c * w.stride + k);
#pragma GCC unroll 3
      for (int r = 0; r < rows; ++r) {
        const __m256i one = load(x.codes + r * x.stride + k);
#pragma GCC unroll 3
        for (int c = 0; c < columns; ++c) sum[r][c] += (Sums)_mm256_madd_epi16(one, weight[c]);
      }
    }
#pragma GCC unroll 3
    for (int c = 0; c < columns; ++c) {
      const __m256 scale = _mm256_set1_ps(blockwise ? w.scale[c * w.scale_stride + b] : 1.0F);
#pragma GCC unroll 3
      for (int r = 0; r < rows; ++r) {
        const __m256 exact = _mm256_cvtepi32_ps((__m256i)sum[r][c]);
        wide[r][c] = blockwise ? _mm256_fmadd_ps(exact, scale, wide[r][c]) : exact;
      }
    }
  }
}

template <int rows, int columns, bool blockwise>
SEGUE_AVX2 void tile(const WholeNumbers& x, const WholeNumbers& w, int64_t n, float* y, int64_t stride) {
  __m256 total[rows][columns];
#pragma GCC unroll 3
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 3
    for (int c = 0; c < columns; ++c) total[r][c] = _mm256_setzero_ps();
  }
  for (int64_t k = 0, b = 0; k < n; k += WeightKernels::wide_block, ++b) {
    __m256 wide[rows][columns];
#pragma GCC unroll 3
    for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 3
      for (int c = 0; c < columns; ++c) wide[r][c] = _mm256_setzero_ps();
    }
    add_block<rows, columns, blockwise>(x, w, k, std::min(n, k + WeightKernels::wide_block), wide);
#pragma GCC unroll 3
    for (int r = 0; r < rows; ++r) {
      const __m256 scale = _mm256_set1_ps(x.scale[r * x.scale_stride + b]);
#pragma GCC unroll 3
      for (int c = 0; c < columns; ++c) total[r][c] = _mm256_fmadd_ps(wide[r][c], scale, total[r][c]);
    }
  }
  float sums[12];
  sums_of<rows * columns>(&total[0][0], sums);
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) y[r * stride + c] += blockwise ? sums[r * columns + c] : sums[r * columns + c] * w.scale[c * w.scale_stride];
  }
}

/// One row of weights as it is stored: it is widened in registers, and read once for all rows of x.
template <int rows, bool blockwise, class Weights>
SEGUE_AVX2 inline void thin(const WholeNumbers& x, const Weights& w, const float* scale, int64_t n, float* y, int64_t stride) {
  __m256 total[rows];
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r) total[r] = _mm256_setzero_ps();
  for (int64_t k = 0, b = 0; k < n; ++b) {
    __m256 wide[rows];
    Sums sum[rows] = {};
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) wide[r] = _mm256_setzero_ps();
    for (const int64_t end = std::min(n, k + WeightKernels::wide_block); k < end; k += WeightKernels::block) {
      Block weights;
      w.read(k, weights);
      const __m256 of_block = _mm256_set1_ps(blockwise ? scale[k / WeightKernels::block] : 1.0F);
#pragma GCC unroll 8
      for (int r = 0; r < rows; ++r) {
        if constexpr (blockwise) sum[r] = Sums{};
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i) sum[r] += (Sums)_mm256_madd_epi16(load(x.codes + r * x.stride + k + 16 * i), weights.part[i]);
        if constexpr (blockwise) wide[r] = _mm256_fmadd_ps(_mm256_cvtepi32_ps((__m256i)sum[r]), of_block, wide[r]);
      }
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
      if constexpr (!blockwise) wide[r] = _mm256_cvtepi32_ps((__m256i)sum[r]);
      total[r] = _mm256_fmadd_ps(wide[r], _mm256_set1_ps(x.scale[r * x.scale_stride + b]), total[r]);
    }
  }
  float sums[8];
  sums_of<rows>(total, sums);
  for (int r = 0; r < rows; ++r) y[r * stride] += blockwise ? sums[r] : sums[r] * *scale;
}

struct Thin {
  template <int rows>
  SEGUE_AVX2 static void bytes(const WholeNumbers& x, const int8_t* codes, const float* scale, int64_t n, int64_t ahead, float* y, int64_t stride) {
    thin<rows, false>(x, Bytes{codes, ahead}, scale, n, y, stride);
  }
  template <int rows>
  SEGUE_AVX2 static void nibbles(const WholeNumbers& x, const uint8_t* codes, const float* scale, int64_t n, int64_t ahead, float* y, int64_t stride) {
    thin<rows, true>(x, Nibbles(codes, ahead), scale, n, y, stride);
  }
};

SEGUE_AVX2 inline __m256 floats_of_halves(const uint16_t* codes) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(codes))), 16));
}

template <int rows>
SEGUE_AVX2 void thin_halves(const float* x, int64_t x_stride, const uint16_t* codes, int64_t n, int64_t ahead, float* y, int64_t stride) {
  constexpr int chains = rows <= 2 ? 4 : rows <= 4 ? 2 : 1;  // sums that don't wait for each other
  __m256 sum[chains][rows];
#pragma GCC unroll 4
  for (int c = 0; c < chains; ++c) {
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) sum[c][r] = _mm256_setzero_ps();
  }
  int64_t k = 0;
  for (; k + 32 <= n; k += 32) {
    _mm_prefetch(codes + k + ahead / 2, _MM_HINT_T1);
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      const __m256 weight = floats_of_halves(codes + k + 8 * i);
#pragma GCC unroll 8
      for (int r = 0; r < rows; ++r) sum[i % chains][r] = _mm256_fmadd_ps(_mm256_loadu_ps(x + r * x_stride + k + 8 * i), weight, sum[i % chains][r]);
    }
  }
#pragma GCC unroll 4
  for (int c = 1; c < chains; ++c) {
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) sum[0][r] = _mm256_add_ps(sum[0][r], sum[c][r]);
  }
  float sums[8];
  sums_of<rows>(sum[0], sums);
  for (int r = 0; r < rows; ++r) {
    for (int64_t i = k; i < n; ++i) sums[r] += x[r * x_stride + i] * float_of_half(codes[i]);
    y[r * stride] += sums[r];
  }
}

void few_halves(const float* x, int64_t x_stride, int64_t rows, const uint16_t* codes, int64_t n, int64_t ahead, float* y, int64_t stride) {
  constexpr void (*by_rows[])(const float*, int64_t, const uint16_t*, int64_t, int64_t, float*, int64_t) = {
      thin_halves<1>, thin_halves<2>, thin_halves<3>, thin_halves<4>, thin_halves<5>, thin_halves<6>, thin_halves<7>, thin_halves<8>};
  by_rows[rows - 1](x, x_stride, codes, n, ahead, y, stride);
}

using Tile = void (*)(const WholeNumbers&, const WholeNumbers&, int64_t, float*, int64_t);
constexpr int64_t most_rows = 3, most_columns = 3;

template <bool blockwise, size_t... i>
constexpr std::array<Tile, sizeof...(i)> tiles(std::index_sequence<i...>) {
  return {tile<static_cast<int>(i / most_columns) + 1, static_cast<int>(i % most_columns) + 1, blockwise>...};
}

void products(const WholeNumbers& x, int64_t rows, const WholeNumbers& w, int64_t columns, int64_t n, bool blockwise, float* y, int64_t stride) {
  static constexpr auto every = std::make_index_sequence<most_rows * most_columns>();
  static constexpr auto by_row = tiles<false>(every), by_block = tiles<true>(every);
  for (int64_t r = 0; r < rows; r += most_rows) {
    const int64_t high = std::min(most_rows, rows - r);
    const WholeNumbers some{x.codes + r * x.stride, x.stride, x.scale + r * x.scale_stride, x.scale_stride};
    for (int64_t c = 0; c < columns; c += most_columns) {
      const int64_t across = std::min(most_columns, columns - c);
      const WholeNumbers of{w.codes + c * w.stride, w.stride, w.scale + c * w.scale_stride, w.scale_stride};
      const auto which = static_cast<size_t>((high - 1) * most_columns + across - 1);
      (blockwise ? by_block : by_row)[which](some, of, n, y + r * stride + c, stride);
    }
  }
}

constexpr WeightKernels kernels{widen, look_up, levels, scaled, whole, few_bytes<Thin>, few_nibbles<Thin>, few_halves, products};

}  // namespace

const WeightKernels* weight_kernels_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &kernels : nullptr;
}

}  // namespace segue

#else

namespace segue {

const WeightKernels* weight_kernels_avx2() { return nullptr; }

}  // namespace segue

#endif
