#include "layers/byte_kernels.h"

#include <algorithm>
#include <cmath>

#ifdef __x86_64__
#include <immintrin.h>
#define SEGUE_AVX2 __attribute__((target("avx2")))
#endif

namespace segue {
namespace {

constexpr int64_t panel = ByteKernels::panel, group = ByteKernels::group;

/// Of a row's least and largest number; all equal: a step of 0.
struct Steps {
  float least, step, per_step;
  Steps(float low, float high) : least(low), step((high - low) / 255), per_step(step > 0 ? 1 / step : 0) {}
};

void round_plain(const float* x, int64_t n, uint8_t* codes, float* least, float* step) {
  const auto [low, high] = std::minmax_element(x, x + n);
  const Steps steps(*low, *high);
  for (int64_t i = 0; i < n; ++i) codes[i] = static_cast<uint8_t>(std::clamp(std::nearbyint((x[i] - steps.least) * steps.per_step), 0.0F, 255.0F));
  *least = steps.least;
  *step = steps.step;
}

void products_plain(const uint8_t* x, int64_t stride, int64_t rows, const int8_t* w, int64_t n, int32_t* sums) {
  for (int64_t r = 0; r < rows; ++r) {
    int32_t* const into = sums + r * panel;
    std::fill_n(into, panel, 0);
    for (int64_t k = 0; k < n; ++k) {
      for (int64_t c = 0; c < panel; ++c) into[c] += static_cast<int32_t>(x[r * stride + k]) * w[k / group * panel * group + c * group + k % group];
    }
  }
}

#ifdef __x86_64__
SEGUE_AVX2 void round_avx2(const float* x, int64_t n, uint8_t* codes, float* least, float* step) {
  __m256 low = _mm256_set1_ps(x[0]), high = low;
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    const __m256 eight = _mm256_loadu_ps(x + i);
    low = _mm256_min_ps(low, eight);
    high = _mm256_max_ps(high, eight);
  }
  alignas(32) float lows[8], highs[8];
  _mm256_store_ps(lows, low);
  _mm256_store_ps(highs, high);
  float lowest = *std::min_element(lows, lows + 8), highest = *std::max_element(highs, highs + 8);
  for (int64_t j = i; j < n; ++j) lowest = std::min(lowest, x[j]), highest = std::max(highest, x[j]);
  const Steps steps(lowest, highest);
  const __m256 from = _mm256_set1_ps(steps.least), per_step = _mm256_set1_ps(steps.per_step);
  for (i = 0; i + 8 <= n; i += 8) {
    const __m256i whole = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_sub_ps(_mm256_loadu_ps(x + i), from), per_step));
    const __m128i shorts = _mm_packus_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(codes + i), _mm_packus_epi16(shorts, shorts));
  }
  for (; i < n; ++i) codes[i] = static_cast<uint8_t>(std::clamp(std::nearbyint((x[i] - steps.least) * steps.per_step), 0.0F, 255.0F));
  *least = steps.least;
  *step = steps.step;
}

template <int rows>
SEGUE_AVX2 void products_of(const uint8_t* x, int64_t stride, const int8_t* w, int64_t n, int32_t* sums) {
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i sum[rows][2];
#pragma GCC unroll 4
  for (int r = 0; r < rows; ++r) sum[r][0] = sum[r][1] = _mm256_setzero_si256();
  for (int64_t k = 0; k < n; k += group, w += panel * group) {
    const __m256i left = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w)), right = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + 32));
#pragma GCC unroll 4
    for (int r = 0; r < rows; ++r) {
      int32_t four;
      __builtin_memcpy(&four, x + r * stride + k, 4);
      const __m256i of_row = _mm256_set1_epi32(four);
      sum[r][0] = _mm256_add_epi32(sum[r][0], _mm256_madd_epi16(_mm256_maddubs_epi16(of_row, left), ones));
      sum[r][1] = _mm256_add_epi32(sum[r][1], _mm256_madd_epi16(_mm256_maddubs_epi16(of_row, right), ones));
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < rows; ++r) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + r * panel), sum[r][0]);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + r * panel + 8), sum[r][1]);
  }
}

SEGUE_AVX2 void products_avx2(const uint8_t* x, int64_t stride, int64_t rows, const int8_t* w, int64_t n, int32_t* sums) {
  switch (rows) {
    case 1: return products_of<1>(x, stride, w, n, sums);
    case 2: return products_of<2>(x, stride, w, n, sums);
    case 3: return products_of<3>(x, stride, w, n, sums);
    default: return products_of<4>(x, stride, w, n, sums);
  }
}

constexpr ByteKernels avx2{round_avx2, products_avx2};
#endif

constexpr ByteKernels plain{round_plain, products_plain};

}  // namespace

const ByteKernels& byte_kernels() {
#ifdef __x86_64__
  static const bool wide = __builtin_cpu_supports("avx2");
  if (wide) return avx2;
#endif
  return plain;
}

const ByteKernels& byte_kernels_plain() { return plain; }

}  // namespace segue
