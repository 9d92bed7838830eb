#include "training/softmax_kernels.h"

#include <cstring>
#include <limits>

#include "core/exponential.h"

// Bodies are written once, in vectors that the compiler splits into what the processor has. Nothing takes or returns a
// vector, for how they are passed differs between targets.
#define SEGUE_INLINE inline __attribute__((always_inline))

namespace segue {
namespace {

constexpr int64_t lanes = SoftmaxKernels::lanes;  // of AVX2: GCC takes selections in wider vectors apart, number by number
using Floats = float __attribute__((vector_size(4 * lanes)));
using Ints = int32_t __attribute__((vector_size(4 * lanes)));

SEGUE_INLINE float sum_of(const Floats& x) {
  float sums[lanes];
  std::memcpy(sums, &x, sizeof(sums));
  for (int64_t half = lanes / 2; half > 0; half /= 2) {
    for (int64_t l = 0; l < half; ++l) sums[l] += sums[l + half];
  }
  return sums[0];
}

SEGUE_INLINE float largest_of(const Floats& x, float other) {
  float each[lanes];
  std::memcpy(each, &x, sizeof(each));
  for (const float one : each) other = one > other ? one : other;
  return other;
}

SEGUE_INLINE SoftmaxKernels::Row exponentials_body(float* products, const float* less, int64_t K, float scale, float own) {
  Floats most = Floats{} - std::numeric_limits<float>::infinity();
  for (int64_t k = 0; k < K; k += lanes) {
    Floats x, y;
    std::memcpy(&x, products + k, sizeof(x));
    std::memcpy(&y, less + k, sizeof(y));
    x = x * scale - y;
    most = x > most ? x : most;
    std::memcpy(products + k, &x, sizeof(x));
  }
  const float largest = largest_of(most, own);
  Floats sum{};
  for (int64_t k = 0; k < K; k += lanes) {
    Floats x;
    std::memcpy(&x, products + k, sizeof(x));
    x -= largest;
    exponential<Floats, Ints>(x);
    sum += x;
    std::memcpy(products + k, &x, sizeof(x));
  }
  return {largest, sum_of(sum)};
}

SEGUE_INLINE float dot_body(const float* x, const float* y, int64_t D) {
  Floats sum{};
  int64_t d = 0;
  for (; d + lanes <= D; d += lanes) {
    Floats a, b;
    std::memcpy(&a, x + d, sizeof(a));
    std::memcpy(&b, y + d, sizeof(b));
    sum += a * b;
  }
  float rest = 0;
  for (; d < D; ++d) rest += x[d] * y[d];
  return sum_of(sum) + rest;
}

SoftmaxKernels::Row exponentials_plain(float* p, const float* less, int64_t K, float scale, float own) { return exponentials_body(p, less, K, scale, own); }
float dot_plain(const float* x, const float* y, int64_t D) { return dot_body(x, y, D); }

#ifdef __x86_64__
#define SEGUE_AVX2 __attribute__((target("avx2,fma")))
SEGUE_AVX2 SoftmaxKernels::Row exponentials_avx2(float* p, const float* less, int64_t K, float scale, float own) { return exponentials_body(p, less, K, scale, own); }
SEGUE_AVX2 float dot_avx2(const float* x, const float* y, int64_t D) { return dot_body(x, y, D); }
#endif

SoftmaxKernels chosen() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return {exponentials_avx2, dot_avx2};
#endif
  return {exponentials_plain, dot_plain};
}

}  // namespace

const SoftmaxKernels& softmax_kernels() {
  static const SoftmaxKernels kernels = chosen();
  return kernels;
}

}  // namespace segue
