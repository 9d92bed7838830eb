#pragma once

#include <cstdint>
#include <vector>

namespace segue {

/// The inner loops are written once for each of these; all give the same bits.
enum class Instructions { plain, avx2, avx512 };

/// Those that this processor has, the narrowest first; `plain` is always there.
std::vector<Instructions> instructions_here();

/// Item vectors of 64 tracks, dimension by dimension, and what is added to their scores.
struct PackedBlock {
  static constexpr int64_t tracks = 64;
  const float* vectors;  // [D, 64]
  const float* bias;     // [64]
  int64_t width;         // D
};

/// The same vectors in 8 bits: four dimensions of one track side by side, code = round(value / scale) + 128.
struct CoarseBlock {
  const uint8_t* codes;  // [W / 4, 64, 4]
  const float* scale;    // [64]
  const float* bias;     // [64]
  int64_t width;         // W: D, rounded up to a multiple of 4
};

/// Queries in 7 bits, so that two products of 8 and 7 bits fit in the 16 bits in which AVX2 adds them.
struct CoarseQueries {
  static constexpr int most = 63;
  const int8_t* codes;    // [Q, W]
  const float* scale;     // [Q]
  const int32_t* offset;  // [Q] 128 · the sum of the codes, which is what the tracks' 128 adds to a product
};

/// What is done to one block for up to `group` queries. Nothing is checked here.
struct PackedKernels {
  static constexpr int64_t group = 6;  // with 4 vectors of 16 tracks: 24 sums in the 32 registers of AVX-512

  /// out [count, 64]: bias + Σ query[d] · track[d], d = 0 … D - 1 in this order, each step a fused multiply-add.
  void (*score)(const PackedBlock& block, const float* queries, int64_t count, float* out);
  /// The same for one track of the block.
  float (*score_one)(const PackedBlock& block, const float* query, int64_t track);
  /// bits [count]: bit j where scores[i, j] >= at_least[i]; NaN is not.
  void (*reach)(const float* scores, const float* at_least, int64_t count, uint64_t* bits);
  /// sums [count, catalogues] += how many of `bits` [count] are among members[c].
  void (*tally)(const uint64_t* bits, int64_t count, const uint64_t* members, int64_t catalogues, int32_t* sums);
  /// out [count, 64]: bias + (Σ code · code - offset) · scale · scale, the sum in integers.
  void (*score_coarse)(const CoarseBlock& block, const CoarseQueries& queries, int64_t count, float* out);
};

/// For one query nothing is done with a number but one product, so memory is what is waited for, and the processor's own
/// prefetcher does not look far enough ahead. Beyond the last block this fetches nothing of use, and harms nothing.
inline void fetch_ahead(const float* row) {
  constexpr int64_t rows = 32, line = 16;
  for (int64_t i = 0; i < PackedBlock::tracks; i += line) __builtin_prefetch(row + rows * PackedBlock::tracks + i, 0, 2);
}

/// Throws std::invalid_argument where this processor does not have them.
const PackedKernels& packed_kernels(Instructions which);

/// For packed_kernels only: null where the compiler's target is not x86-64.
const PackedKernels* packed_kernels_avx2();
const PackedKernels* packed_kernels_avx512();

}  // namespace segue
