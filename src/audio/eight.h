#pragma once

#include <cstdint>
#include <cstring>

// Eight series side by side, one in each lane of a vector. Bodies are written once, in vectors that the compiler splits
// into what the processor has; nothing takes or returns a vector, for how they are passed differs between targets.
#define SEGUE_INLINE inline __attribute__((always_inline))
#ifdef __x86_64__
#define SEGUE_AVX2 __attribute__((target("avx2,fma")))
#endif

namespace segue {

constexpr int64_t abreast = 8;
using Eight = float __attribute__((vector_size(4 * abreast)));
using EightInts = int32_t __attribute__((vector_size(4 * abreast)));

SEGUE_INLINE void load(const float* from, Eight& x) { std::memcpy(&x, from, sizeof(x)); }
SEGUE_INLINE void store(const Eight& x, float* into) { std::memcpy(into, &x, sizeof(x)); }

/// Rows of eight become columns.
SEGUE_INLINE void transpose(Eight (&r)[8]) {
  Eight t[8];
#pragma GCC unroll 4
  for (int i = 0; i < 8; i += 2) {
    t[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    t[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  Eight u[8];
#pragma GCC unroll 2
  for (int i = 0; i < 8; i += 4) {
    u[i] = __builtin_shufflevector(t[i], t[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    u[i + 1] = __builtin_shufflevector(t[i], t[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    u[i + 2] = __builtin_shufflevector(t[i + 1], t[i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
    u[i + 3] = __builtin_shufflevector(t[i + 1], t[i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    r[i] = __builtin_shufflevector(u[i], u[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    r[i + 4] = __builtin_shufflevector(u[i], u[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

/// ln x of normal numbers above 0 (Cephes' logf): x = m · 2^e with √½ ≤ m < √2, and a polynomial of degree 8.
SEGUE_INLINE void logarithm(Eight& x) {
  EightInts bits;
  std::memcpy(&bits, &x, sizeof(bits));
  EightInts e = ((bits - 0x3f3504f3) >> 23);
  bits -= e << 23;
  Eight m;
  std::memcpy(&m, &bits, sizeof(m));
  const Eight power = __builtin_convertvector(e, Eight);
  m -= 1.0F;
  const Eight square = m * m;
  Eight y = m * 7.0376836292e-2F - 1.1514610310e-1F;
  y = y * m + 1.1676998740e-1F;
  y = y * m - 1.2420140846e-1F;
  y = y * m + 1.4249322787e-1F;
  y = y * m - 1.6668057665e-1F;
  y = y * m + 2.0000714765e-1F;
  y = y * m - 2.4999993993e-1F;
  y = y * m + 3.3333331174e-1F;
  y = y * m * square - power * 2.12194440e-4F - square * 0.5F;
  x = m + y + power * 0.693359375F;
}

/// The processor has AVX2 and FMA.
inline bool has_avx2() {
#ifdef __x86_64__
  static const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return has;
#else
  return false;
#endif
}

}  // namespace segue
