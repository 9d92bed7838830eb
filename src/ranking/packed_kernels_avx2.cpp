#include "ranking/packed_kernels.h"

#ifdef __x86_64__

#include <immintrin.h>

#include <bit>
#include <cmath>
#include <cstring>

// Templates and no lambdas: a lambda does not inherit the target of the function around it.
#define SEGUE_AVX2 __attribute__((target("avx2,fma,popcnt")))

namespace segue {
namespace {

constexpr int64_t lanes = 8;

// __m256i stands for other numbers than these; GCC 12 keeps an array of it in memory when they are written into it.
using Sums = int32_t __attribute__((vector_size(32)));

/// `vectors` · 8 tracks at a time: with 2 of them and 6 queries, 12 sums fit in the 16 registers.
template <int count, int vectors>
SEGUE_AVX2 void score_some(const PackedBlock& block, const float* queries, float* out) {
  for (int64_t first = 0; first < PackedBlock::tracks; first += vectors * lanes) {
    __m256 sum[count][vectors];
#pragma GCC unroll 6
    for (int i = 0; i < count; ++i) {
#pragma GCC unroll 8
      for (int v = 0; v < vectors; ++v) sum[i][v] = _mm256_loadu_ps(block.bias + first + v * lanes);
    }
    const float* tracks = block.vectors + first;
    for (int64_t d = 0; d < block.width; ++d, tracks += PackedBlock::tracks) {
      __m256 track[vectors];
#pragma GCC unroll 8
      for (int v = 0; v < vectors; ++v) track[v] = _mm256_loadu_ps(tracks + v * lanes);
      if constexpr (count == 1) fetch_ahead(tracks);
#pragma GCC unroll 6
      for (int i = 0; i < count; ++i) {
        const __m256 query = _mm256_set1_ps(queries[i * block.width + d]);
#pragma GCC unroll 8
        for (int v = 0; v < vectors; ++v) sum[i][v] = _mm256_fmadd_ps(query, track[v], sum[i][v]);
      }
    }
#pragma GCC unroll 6
    for (int i = 0; i < count; ++i) {
#pragma GCC unroll 8
      for (int v = 0; v < vectors; ++v) _mm256_storeu_ps(out + i * PackedBlock::tracks + first + v * lanes, sum[i][v]);
    }
  }
}

void score(const PackedBlock& block, const float* queries, int64_t count, float* out) {
  switch (count) {
    case 1: return score_some<1, 8>(block, queries, out);
    case 2: return score_some<2, 4>(block, queries, out);
    case 3: return score_some<3, 2>(block, queries, out);
    case 4: return score_some<4, 2>(block, queries, out);
    case 5: return score_some<5, 2>(block, queries, out);
    case 6: return score_some<6, 2>(block, queries, out);
  }
}

SEGUE_AVX2 float score_one(const PackedBlock& block, const float* query, int64_t track) {
  float sum = block.bias[track];
  for (int64_t d = 0; d < block.width; ++d) {
    sum = __builtin_fmaf(query[d], block.vectors[d * PackedBlock::tracks + track], sum);
  }
  return sum;
}

SEGUE_AVX2 void reach(const float* scores, const float* at_least, int64_t count, uint64_t* bits) {
  for (int64_t i = 0; i < count; ++i) {
    const __m256 bound = _mm256_set1_ps(at_least[i]);
    uint64_t word = 0;
#pragma GCC unroll 8
    for (int v = 0; v < 8; ++v, scores += lanes) {
      const int some = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(scores), bound, _CMP_GE_OQ));
      word |= static_cast<uint64_t>(some) << (v * lanes);
    }
    bits[i] = word;
  }
}

SEGUE_AVX2 void tally(const uint64_t* bits, int64_t count, const uint64_t* members, int64_t catalogues, int32_t* sums) {
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t c = 0; c < catalogues; ++c) *sums++ += static_cast<int32_t>(_mm_popcnt_u64(bits[i] & members[c]));
  }
}

template <int count, int vectors>
SEGUE_AVX2 void score_coarse_some(const CoarseBlock& block, const CoarseQueries& queries, float* out) {
  const __m256i ones = _mm256_set1_epi16(1);
  for (int64_t first = 0; first < PackedBlock::tracks; first += vectors * lanes) {
    Sums sum[count][vectors];
#pragma GCC unroll 3
    for (int i = 0; i < count; ++i) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) sum[i][v] = (Sums)_mm256_set1_epi32(-queries.offset[i]);
    }
    for (int64_t d = 0; d < block.width; d += 4) {
      const uint8_t* const four_of_each = block.codes + (d / 4 * PackedBlock::tracks + first) * 4;
      const auto* const codes = reinterpret_cast<const __m256i*>(four_of_each);
#pragma GCC unroll 3
      for (int i = 0; i < count; ++i) {
        int32_t four;
        std::memcpy(&four, queries.codes + i * block.width + d, sizeof four);
        const __m256i query = _mm256_set1_epi32(four);
#pragma GCC unroll 4
        for (int v = 0; v < vectors; ++v) {
          const __m256i pairs = _mm256_maddubs_epi16(_mm256_loadu_si256(codes + v), query);
          sum[i][v] += (Sums)_mm256_madd_epi16(pairs, ones);
        }
      }
    }
#pragma GCC unroll 3
    for (int i = 0; i < count; ++i) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) {
        const auto at = first + v * lanes;
        const __m256 scale = _mm256_mul_ps(_mm256_loadu_ps(block.scale + at), _mm256_set1_ps(queries.scale[i]));
        const __m256 score = _mm256_fmadd_ps(_mm256_cvtepi32_ps((__m256i)sum[i][v]), scale, _mm256_loadu_ps(block.bias + at));
        _mm256_storeu_ps(out + i * PackedBlock::tracks + at, score);
      }
    }
  }
}

void score_coarse(const CoarseBlock& block, const CoarseQueries& queries, int64_t count, float* out) {
  CoarseQueries rest = queries;
  for (; count >= 3; count -= 3, out += 3 * PackedBlock::tracks) {
    score_coarse_some<3, 4>(block, rest, out);
    rest = {rest.codes + 3 * block.width, rest.scale + 3, rest.offset + 3};
  }
  if (count == 2) score_coarse_some<2, 4>(block, rest, out);
  if (count == 1) score_coarse_some<1, 4>(block, rest, out);
}

constexpr PackedKernels kernels = {score, score_one, reach, tally, score_coarse};

}  // namespace

const PackedKernels* packed_kernels_avx2() { return &kernels; }

}  // namespace segue

#else

namespace segue {

const PackedKernels* packed_kernels_avx2() { return nullptr; }

}  // namespace segue

#endif
