#include "layers/element_kernels.h"

#include "core/exponential.h"

// Plain loops, which the compiler turns into vectors of what each of the processors has.
#define SEGUE_INLINE inline __attribute__((always_inline))

namespace segue {
namespace {

/// 1 / (1 + e^-x), from e^-|x|, which does not overflow.
SEGUE_INLINE float sigmoid(float x) {
  float e = -__builtin_fabsf(x);
  exponential<float, int32_t>(e);
  return (x > 0 ? 1.0F : e) / (1.0F + e);
}

SEGUE_INLINE void masked_body(const float* __restrict x, const uint8_t* __restrict kept, float louder, float* __restrict out, int64_t n) {
  for (int64_t i = 0; i < n; ++i) out[i] = x[i] * (static_cast<float>(kept[i]) * louder);
}

SEGUE_INLINE void add_masked_body(const float* __restrict x, const uint8_t* __restrict kept, float louder, float* __restrict sum, int64_t n) {
  for (int64_t i = 0; i < n; ++i) sum[i] += x[i] * (static_cast<float>(kept[i]) * louder);
}

SEGUE_INLINE void gated_body(const float* __restrict gate, const float* __restrict up, float* __restrict out, int64_t n) {
  for (int64_t i = 0; i < n; ++i) out[i] = gate[i] * sigmoid(gate[i]) * up[i];
}

SEGUE_INLINE void gated_back_body(const float* __restrict slope, const float* __restrict gate, const float* __restrict up, float* __restrict by_gate,
                                  float* __restrict by_up, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    const float s = sigmoid(gate[i]);
    by_gate[i] = slope[i] * up[i] * s * (1.0F + gate[i] * (1.0F - s));
    by_up[i] = slope[i] * gate[i] * s;
  }
}

#define SEGUE_KERNELS(name, target)                                                                                                             \
  target void masked_##name(const float* x, const uint8_t* kept, float louder, float* out, int64_t n) { masked_body(x, kept, louder, out, n); } \
  target void add_masked_##name(const float* x, const uint8_t* kept, float louder, float* sum, int64_t n) { add_masked_body(x, kept, louder, sum, n); } \
  target void gated_##name(const float* gate, const float* up, float* out, int64_t n) { gated_body(gate, up, out, n); }                         \
  target void gated_back_##name(const float* slope, const float* gate, const float* up, float* by_gate, float* by_up, int64_t n) {              \
    gated_back_body(slope, gate, up, by_gate, by_up, n);                                                                                        \
  }                                                                                                                                             \
  constexpr ElementKernels name{masked_##name, add_masked_##name, gated_##name, gated_back_##name};

SEGUE_KERNELS(plain, )
#ifdef __x86_64__
SEGUE_KERNELS(avx2, __attribute__((target("avx2,fma"))))
#endif

}  // namespace

const ElementKernels& element_kernels() {
#ifdef __x86_64__
  static const bool wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (wide) return avx2;
#endif
  return plain;
}

}  // namespace segue
