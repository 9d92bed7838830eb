#include "layers/tile_kernels.h"

#ifdef __x86_64__

#include <ATen/cpu/Utils.h>
#include <immintrin.h>

#include <algorithm>

// GCC 12 warns of what its own header leaves undefined.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"

// Templates and no lambdas: a lambda does not inherit the target of the function around it.
#define SEGUE_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16,avx2,fma")))
#define SEGUE_AMX __attribute__((target("amx-tile,amx-bf16,avx512f")))

namespace segue {
namespace {

constexpr int64_t columns = TileKernels::columns, depth = TileKernels::depth, step = TileKernels::step, lanes = 16;

/// The bits of 16 numbers rounded to bf16.
SEGUE_AVX512 inline __m256i rounded(__m512 x) { return (__m256i)_mm512_cvtneps_pbh(x); }
SEGUE_AVX512 inline __m512 floats_of(__m256i halves) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16)); }

SEGUE_AVX512 inline void split_lanes(__m512 x, __mmask16 which, uint16_t* high, uint16_t* low) {
  const __m256i near = rounded(x);
  _mm256_mask_storeu_epi16(high, which, near);
  _mm256_mask_storeu_epi16(low, which, rounded(_mm512_sub_ps(x, floats_of(near))));
}

SEGUE_AVX512 inline __mmask16 lanes_left(int64_t n) { return static_cast<__mmask16>(n >= lanes ? 0xffff : (1 << n) - 1); }

SEGUE_AVX512 void split(const float* x, const float* scales, int64_t n, uint16_t* high, uint16_t* low) {
  for (int64_t i = 0; i < n; i += lanes) {
    const __mmask16 which = lanes_left(n - i);
    const __m512 some = _mm512_maskz_loadu_ps(which, x + i);
    split_lanes(scales == nullptr ? some : _mm512_mul_ps(some, _mm512_maskz_loadu_ps(which, scales + i)), which, high + i, low + i);
  }
}

SEGUE_AVX512 void widen(const int8_t* codes, int64_t n, uint16_t* out) {
  for (int64_t i = 0; i < n; i += lanes) {
    const __m512i whole = _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(codes + i)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i), rounded(_mm512_cvtepi32_ps(whole)));
  }
}

/// 16 vectors of 16 numbers of 32 bits, transposed.
SEGUE_AVX512 inline void transpose(__m512i (&x)[lanes]) {
  __m512i y[lanes];
#pragma GCC unroll 8
  for (int i = 0; i < lanes; i += 2) {
    y[i] = _mm512_unpacklo_epi32(x[i], x[i + 1]);
    y[i + 1] = _mm512_unpackhi_epi32(x[i], x[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < lanes; i += 4) {
#pragma GCC unroll 2
    for (int j = 0; j < 2; ++j) {
      x[i + 2 * j] = _mm512_unpacklo_epi64(y[i + j], y[i + j + 2]);
      x[i + 2 * j + 1] = _mm512_unpackhi_epi64(y[i + j], y[i + j + 2]);
    }
  }
#pragma GCC unroll 2
  for (int i = 0; i < lanes; i += 8) {
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      y[i + j] = _mm512_shuffle_i32x4(x[i + j], x[i + j + 4], 0x88);
      y[i + j + 4] = _mm512_shuffle_i32x4(x[i + j], x[i + j + 4], 0xdd);
    }
  }
#pragma GCC unroll 8
  for (int j = 0; j < 8; ++j) {
    x[j] = _mm512_shuffle_i32x4(y[j], y[j + 8], 0x88);
    x[j + 8] = _mm512_shuffle_i32x4(y[j], y[j + 8], 0xdd);
  }
}

SEGUE_AVX512 void pack_rows(const uint16_t* from, uint16_t* panel) {
  constexpr int64_t pairs = depth / 2;
  const auto* const read = reinterpret_cast<const uint32_t*>(from);
  auto* const into = reinterpret_cast<uint32_t*>(panel);
  for (int64_t c = 0; c < columns; c += lanes) {
    for (int64_t p = 0; p < pairs; p += lanes) {
      __m512i some[lanes];
#pragma GCC unroll 16
      for (int i = 0; i < lanes; ++i) some[i] = _mm512_loadu_si512(read + (c + i) * pairs + p);
      transpose(some);
#pragma GCC unroll 16
      for (int i = 0; i < lanes; ++i) _mm512_storeu_si512(into + (p + i) * columns + c, some[i]);
    }
  }
}

SEGUE_AVX512 void pack_columns(const uint16_t* from, uint16_t* panel) {
  for (int64_t k = 0; k < depth; k += 2, panel += 2 * columns) {
    for (int64_t c = 0; c < columns; c += 2 * lanes) {
      const __m512i even = _mm512_loadu_si512(from + k * columns + c), odd = _mm512_loadu_si512(from + (k + 1) * columns + c);
      // Within each 128 bits; then those in their order.
      const __m512i lower = _mm512_unpacklo_epi16(even, odd), upper = _mm512_unpackhi_epi16(even, odd);
      const __m512i first = _mm512_set_epi64(11, 10, 3, 2, 9, 8, 1, 0), second = _mm512_set_epi64(15, 14, 7, 6, 13, 12, 5, 4);
      _mm512_storeu_si512(panel + 2 * c, _mm512_permutex2var_epi64(lower, first, upper));
      _mm512_storeu_si512(panel + 2 * c + 2 * lanes, _mm512_permutex2var_epi64(lower, second, upper));
    }
  }
}

/// What the tile registers are: all of 16 rows of 64 bytes.
struct alignas(64) TileShapes {
  uint8_t palette = 1, start = 0, reserved[14] = {};
  uint16_t bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

// Tiles 0 to 3 are sums of 32 rows and 32 columns; 4 and 5 are of x, 6 and 7 of the panel.
#define SEGUE_ADD_TILES        \
  do {                         \
    _tile_dpbf16ps(0, 4, 6);   \
    _tile_dpbf16ps(1, 4, 7);   \
    _tile_dpbf16ps(2, 5, 6);   \
    _tile_dpbf16ps(3, 5, 7);   \
  } while (false)

template <bool with_rest>
SEGUE_AMX inline void add_tiles(const uint16_t* high, const uint16_t* low, int64_t stride, const uint16_t* panel, const uint16_t* rest, int64_t length, float* y) {
  constexpr int64_t of_y = columns * int64_t{sizeof(float)}, of_panel = 2 * columns * int64_t{sizeof(uint16_t)};
  const int64_t of_x = stride * int64_t{sizeof(uint16_t)};
  _tile_loadd(0, y, of_y);
  _tile_loadd(1, y + lanes, of_y);
  _tile_loadd(2, y + lanes * columns, of_y);
  _tile_loadd(3, y + lanes * columns + lanes, of_y);
  for (int64_t k = 0; k < length; k += step) {
    _tile_loadd(4, low + k, of_x);
    _tile_loadd(5, low + lanes * stride + k, of_x);
    _tile_loadd(6, panel + k * columns, of_panel);
    _tile_loadd(7, panel + k * columns + 2 * lanes, of_panel);
    SEGUE_ADD_TILES;
    _tile_loadd(4, high + k, of_x);
    _tile_loadd(5, high + lanes * stride + k, of_x);
    SEGUE_ADD_TILES;
    if constexpr (with_rest) {
      _tile_loadd(6, rest + k * columns, of_panel);
      _tile_loadd(7, rest + k * columns + 2 * lanes, of_panel);
      SEGUE_ADD_TILES;
    }
  }
  _tile_stored(0, y, of_y);
  _tile_stored(1, y + lanes, of_y);
  _tile_stored(2, y + lanes * columns, of_y);
  _tile_stored(3, y + lanes * columns + lanes, of_y);
}

SEGUE_AMX void multiply(const uint16_t* high, const uint16_t* low, int64_t stride, int64_t n, const uint16_t* panels, const uint16_t* rest, int64_t count,
                        int64_t length, float* y) {
  static constexpr TileShapes shapes;
  _tile_loadconfig(&shapes);
  for (int64_t r = 0; r < n; r += TileKernels::rows) {
    const auto *const h = high + r * stride, *const l = low + r * stride;
    for (int64_t p = 0; p < count; ++p) {
      for (int64_t c = 0; c < columns; c += 2 * lanes) {
        float* const into = y + (p * n + r) * columns + c;
        const int64_t at = p * columns * depth + 2 * c;
        if (rest == nullptr) add_tiles<false>(h, l, stride, panels + at, nullptr, length, into);
        else add_tiles<true>(h, l, stride, panels + at, rest + at, length, into);
      }
    }
  }
  _tile_release();
}

SEGUE_AVX512 void finish(const float* y, int64_t n, int64_t count, const float* scale, const float* bias, float* into, int64_t stride) {
  for (int64_t c = 0; c < count; c += lanes) {
    const __mmask16 which = lanes_left(count - c);
    const __m512 by = scale == nullptr ? _mm512_set1_ps(1) : _mm512_maskz_loadu_ps(which, scale + c);
    const __m512 added = bias == nullptr ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(which, bias + c);
    for (int64_t r = 0; r < n; ++r) _mm512_mask_storeu_ps(into + r * stride + c, which, _mm512_fmadd_ps(_mm512_loadu_ps(y + r * columns + c), by, added));
  }
}

constexpr TileKernels kernels{split, widen, pack_rows, pack_columns, multiply, finish};

bool are_there() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16") && at::cpu::init_amx();
}

}  // namespace

const TileKernels* tile_kernels() {
  static const TileKernels* const found = are_there() ? &kernels : nullptr;
  return found;
}

}  // namespace segue

#else

namespace segue {

const TileKernels* tile_kernels() { return nullptr; }

}  // namespace segue

#endif
