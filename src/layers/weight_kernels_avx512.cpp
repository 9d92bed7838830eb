#include "layers/weight_kernels.h"

#ifdef __x86_64__

#include <immintrin.h>

#include "layers/few_rows_avx2.h"

// GCC 12 warns of what its own header leaves undefined.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#define SEGUE_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,avx2,fma")))

namespace segue {
namespace {

/// One block, as two vectors of 32 numbers.
struct Block {
  __m512i part[2];
};

struct Bytes {
  const int8_t* codes;
  int64_t ahead;  // bytes that are fetched before they are wanted
  SEGUE_VNNI inline void read(int64_t k, Block& out) const {
    _mm_prefetch(codes + k + ahead, _MM_HINT_T1);
#pragma GCC unroll 2
    for (int i = 0; i < 2; ++i) out.part[i] = _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes + k + 32 * i)));
  }
};

struct Nibbles {
  const uint8_t* codes;
  int64_t ahead;
  __m512i table, nibble;
  SEGUE_VNNI Nibbles(const uint8_t* from, int64_t fetched)
      : codes(from),
        ahead(fetched),
        table(_mm512_broadcast_i64x4(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(normal_float.data())))),
        nibble(_mm512_set1_epi16(0xf)) {}
  SEGUE_VNNI inline void read(int64_t k, Block& out) const {
    _mm_prefetch(codes + k / 2 + ahead, _MM_HINT_T1);
    // Bytes are in the order in which AVX2 widens them.
    const __m256i bytes = _mm256_permute4x64_epi64(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes + k / 2)), 0xd8);
    const __m512i wide = _mm512_cvtepu8_epi16(bytes);
    out.part[0] = _mm512_permutexvar_epi16(_mm512_and_si512(wide, nibble), table);
    out.part[1] = _mm512_permutexvar_epi16(_mm512_srli_epi16(wide, 4), table);
  }
};

/// Sums of 16 lanes as 8: those that AVX2 has.
SEGUE_VNNI inline __m256 folded(__m512i sum) {
  return _mm256_cvtepi32_ps(_mm256_add_epi32(_mm512_castsi512_si256(sum), _mm512_extracti64x4_epi64(sum, 1)));
}

/// As AVX2's, to the bit: whole numbers are added up in wider vectors, and what is rounded is rounded in the same order.
template <int rows, bool blockwise, class Weights>
SEGUE_VNNI inline void thin(const WholeNumbers& x, const Weights& w, const float* scale, int64_t n, float* y, int64_t stride) {
  __m256 total[rows];
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r) total[r] = _mm256_setzero_ps();
  for (int64_t k = 0, b = 0; k < n; ++b) {
    __m256 wide[rows];
    __m512i sum[rows];
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
      wide[r] = _mm256_setzero_ps();
      sum[r] = _mm512_setzero_si512();
    }
    for (const int64_t end = k + WeightKernels::wide_block < n ? k + WeightKernels::wide_block : n; k < end; k += WeightKernels::block) {
      Block weights;
      w.read(k, weights);
      const __m256 of_block = _mm256_set1_ps(blockwise ? scale[k / WeightKernels::block] : 1.0F);
#pragma GCC unroll 8
      for (int r = 0; r < rows; ++r) {
        const int16_t* const from = x.codes + r * x.stride + k;
        if constexpr (blockwise) sum[r] = _mm512_setzero_si512();
#pragma GCC unroll 2
        for (int i = 0; i < 2; ++i) sum[r] = _mm512_dpwssd_epi32(sum[r], _mm512_loadu_si512(from + 32 * i), weights.part[i]);
        if constexpr (blockwise) wide[r] = _mm256_fmadd_ps(folded(sum[r]), of_block, wide[r]);
      }
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
      if constexpr (!blockwise) wide[r] = folded(sum[r]);
      total[r] = _mm256_fmadd_ps(wide[r], _mm256_set1_ps(x.scale[r * x.scale_stride + b]), total[r]);
    }
  }
  float sums[8];
  sums_of<rows>(total, sums);
  for (int r = 0; r < rows; ++r) y[r * stride] += blockwise ? sums[r] : sums[r] * *scale;
}

struct Thin {
  template <int rows>
  SEGUE_VNNI static void bytes(const WholeNumbers& x, const int8_t* codes, const float* scale, int64_t n, int64_t ahead, float* y, int64_t stride) {
    thin<rows, false>(x, Bytes{codes, ahead}, scale, n, y, stride);
  }
  template <int rows>
  SEGUE_VNNI static void nibbles(const WholeNumbers& x, const uint8_t* codes, const float* scale, int64_t n, int64_t ahead, float* y, int64_t stride) {
    thin<rows, true>(x, Nibbles(codes, ahead), scale, n, y, stride);
  }
};

bool are_there() {
  return weight_kernels_avx2() != nullptr && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vnni");
}

WeightKernels with_wider_few() {
  WeightKernels kernels = *weight_kernels_avx2();
  kernels.few_bytes = few_bytes<Thin>;
  kernels.few_nibbles = few_nibbles<Thin>;
  return kernels;
}

}  // namespace

const WeightKernels* weight_kernels_avx512() {
  if (!are_there()) return nullptr;
  static const WeightKernels kernels = with_wider_few();
  return &kernels;
}

}  // namespace segue

#else

namespace segue {

const WeightKernels* weight_kernels_avx512() { return nullptr; }

}  // namespace segue

#endif
