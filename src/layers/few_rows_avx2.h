#pragma once

#ifdef __x86_64__

#include <immintrin.h>

#include "layers/weight_kernels.h"

// Templates and no lambdas: a lambda does not inherit the target of the function around it.
#define SEGUE_AVX2 __attribute__((target("avx2,fma")))

namespace segue {

/// The sums of so many vectors, always added up in the same order.
template <int count>
SEGUE_AVX2 inline void sums_of(const __m256* x, float* out) {
#pragma GCC unroll 3
  for (int i = 0; i < count; i += 4) {
    const int j = i + 1 < count ? i + 1 : i, k = i + 2 < count ? i + 2 : i, l = i + 3 < count ? i + 3 : i;
    const __m256 pairs = _mm256_hadd_ps(x[i], x[j]), others = _mm256_hadd_ps(x[k], x[l]);
    const __m256 halves = _mm256_hadd_ps(pairs, others);
    _mm_storeu_ps(out + i, _mm_add_ps(_mm256_castps256_ps128(halves), _mm256_extractf128_ps(halves, 1)));
  }
}

/// Few rows with weights as they are stored, by how many they are: Thin::bytes<rows> and Thin::nibbles<rows>.
template <class Thin>
void few_bytes(const WholeNumbers& x, int64_t rows, const int8_t* codes, float scale, int64_t n, int64_t ahead, float* y, int64_t stride) {
  constexpr void (*by_rows[])(const WholeNumbers&, const int8_t*, const float*, int64_t, int64_t, float*, int64_t) = {
      Thin::template bytes<1>, Thin::template bytes<2>, Thin::template bytes<3>, Thin::template bytes<4>,
      Thin::template bytes<5>, Thin::template bytes<6>, Thin::template bytes<7>, Thin::template bytes<8>};
  by_rows[rows - 1](x, codes, &scale, n, ahead, y, stride);
}

template <class Thin>
void few_nibbles(const WholeNumbers& x, int64_t rows, const uint8_t* codes, const float* scales, int64_t n, int64_t ahead, float* y, int64_t stride) {
  constexpr void (*by_rows[])(const WholeNumbers&, const uint8_t*, const float*, int64_t, int64_t, float*, int64_t) = {
      Thin::template nibbles<1>, Thin::template nibbles<2>, Thin::template nibbles<3>, Thin::template nibbles<4>,
      Thin::template nibbles<5>, Thin::template nibbles<6>, Thin::template nibbles<7>, Thin::template nibbles<8>};
  by_rows[rows - 1](x, codes, scales, n, ahead, y, stride);
}

}  // namespace segue

#endif
