#pragma once

#ifdef __x86_64__

#include <immintrin.h>

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

}  // namespace segue

#endif
