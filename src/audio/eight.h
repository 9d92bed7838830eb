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
