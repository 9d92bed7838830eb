#include "ranking/packed_kernels.h"

#ifdef __x86_64__

#include <immintrin.h>

#include <bit>
#include <cstring>

// Templates and no lambdas: a lambda does not inherit the target of the function around it.
#define SEGUE_AVX512 __attribute__((target("avx512f,avx2,fma,popcnt")))
#define SEGUE_VNNI __attribute__((target("avx512f,avx512vnni,avx2,fma,popcnt")))

namespace segue {
namespace {

constexpr int64_t lanes = 16, vectors = PackedBlock::tracks / lanes;

// __m512i stands for other numbers than these; GCC 12 keeps an array of it in memory when they are written into it.
using Sums = int32_t __attribute__((vector_size(64)));

template <int count>
SEGUE_AVX512 void score_some(const PackedBlock& block, const float* queries, float* out) {
  __m512 sum[count][vectors];
#pragma GCC unroll 6
  for (int i = 0; i < count; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) sum[i][v] = _mm512_loadu_ps(block.bias + v * lanes);
  }
  const float* tracks = block.vectors;
  for (int64_t d = 0; d < block.width; ++d, tracks += PackedBlock::tracks) {
    __m512 track[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) track[v] = _mm512_loadu_ps(tracks + v * lanes);
    if constexpr (count == 1) fetch_ahead(tracks);
#pragma GCC unroll 6
    for (int i = 0; i < count; ++i) {
      const __m512 query = _mm512_set1_ps(queries[i * block.width + d]);
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) sum[i][v] = _mm512_fmadd_ps(query, track[v], sum[i][v]);
    }
  }
#pragma GCC unroll 6
  for (int i = 0; i < count; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) _mm512_storeu_ps(out + i * PackedBlock::tracks + v * lanes, sum[i][v]);
  }
}

void score(const PackedBlock& block, const float* queries, int64_t count, float* out) {
  switch (count) {
    case 1: return score_some<1>(block, queries, out);
    case 2: return score_some<2>(block, queries, out);
    case 3: return score_some<3>(block, queries, out);
    case 4: return score_some<4>(block, queries, out);
    case 5: return score_some<5>(block, queries, out);
    case 6: return score_some<6>(block, queries, out);
  }
}

SEGUE_AVX512 void reach(const float* scores, const float* at_least, int64_t count, uint64_t* bits) {
  for (int64_t i = 0; i < count; ++i) {
    const __m512 bound = _mm512_set1_ps(at_least[i]);
    uint64_t word = 0;
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v, scores += lanes) {
      const __mmask16 some = _mm512_cmp_ps_mask(_mm512_loadu_ps(scores), bound, _CMP_GE_OQ);
      word |= static_cast<uint64_t>(some) << (v * lanes);
    }
    bits[i] = word;
  }
}

template <int count>
SEGUE_VNNI void score_coarse_some(const CoarseBlock& block, const CoarseQueries& queries, float* out) {
  Sums sum[count][vectors];
#pragma GCC unroll 6
  for (int i = 0; i < count; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) sum[i][v] = (Sums)_mm512_set1_epi32(-queries.offset[i]);
  }
  const uint8_t* codes = block.codes;
  for (int64_t d = 0; d < block.width; d += 4, codes += 4 * PackedBlock::tracks) {
    __m512i track[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) track[v] = _mm512_loadu_si512(codes + v * lanes * 4);
#pragma GCC unroll 6
    for (int i = 0; i < count; ++i) {
      int32_t four;
      std::memcpy(&four, queries.codes + i * block.width + d, sizeof four);
      const __m512i query = _mm512_set1_epi32(four);
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) sum[i][v] = (Sums)_mm512_dpbusd_epi32((__m512i)sum[i][v], track[v], query);
    }
  }
#pragma GCC unroll 6
  for (int i = 0; i < count; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      const __m512 scale = _mm512_mul_ps(_mm512_loadu_ps(block.scale + v * lanes), _mm512_set1_ps(queries.scale[i]));
      const __m512 bias = _mm512_loadu_ps(block.bias + v * lanes);
      // maskz: the form without a mask draws a false warning from GCC 12.
      const __m512 product = _mm512_maskz_cvtepi32_ps(0xffff, (__m512i)sum[i][v]);
      _mm512_storeu_ps(out + i * PackedBlock::tracks + v * lanes, _mm512_fmadd_ps(product, scale, bias));
    }
  }
}

void score_coarse(const CoarseBlock& block, const CoarseQueries& queries, int64_t count, float* out) {
  switch (count) {
    case 1: return score_coarse_some<1>(block, queries, out);
    case 2: return score_coarse_some<2>(block, queries, out);
    case 3: return score_coarse_some<3>(block, queries, out);
    case 4: return score_coarse_some<4>(block, queries, out);
    case 5: return score_coarse_some<5>(block, queries, out);
    case 6: return score_coarse_some<6>(block, queries, out);
  }
}

}  // namespace

const PackedKernels* packed_kernels_avx512() {
  // What AVX-512 does not do better it takes from AVX2; before Cascade Lake there are no products of 8 bits.
  static const PackedKernels kernels = [] {
    PackedKernels made = *packed_kernels_avx2();
    made.score = score;
    made.reach = reach;
    if (__builtin_cpu_supports("avx512vnni")) made.score_coarse = score_coarse;
    return made;
  }();
  return &kernels;
}

}  // namespace segue

#else

namespace segue {

const PackedKernels* packed_kernels_avx512() { return nullptr; }

}  // namespace segue

#endif
