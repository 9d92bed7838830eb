#include "ranking/packed_kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

namespace segue {
namespace {

/// std::fma rounds once on every processor, in software where it must.
float score_one(const PackedBlock& block, const float* query, int64_t track) {
  float sum = block.bias[track];
  for (int64_t d = 0; d < block.width; ++d) {
    sum = std::fma(query[d], block.vectors[d * PackedBlock::tracks + track], sum);
  }
  return sum;
}

void score(const PackedBlock& block, const float* queries, int64_t count, float* out) {
  constexpr int64_t n = PackedBlock::tracks;
  for (int64_t i = 0; i < count; ++i, queries += block.width, out += n) {
    std::copy_n(block.bias, n, out);
    for (int64_t d = 0; d < block.width; ++d) {
      for (int64_t j = 0; j < n; ++j) out[j] = std::fma(queries[d], block.vectors[d * n + j], out[j]);
    }
  }
}

void reach(const float* scores, const float* at_least, int64_t count, uint64_t* bits) {
  for (int64_t i = 0; i < count; ++i, scores += PackedBlock::tracks) {
    bits[i] = 0;
    for (int64_t j = 0; j < PackedBlock::tracks; ++j) bits[i] |= static_cast<uint64_t>(scores[j] >= at_least[i]) << j;
  }
}

void tally(const uint64_t* bits, int64_t count, const uint64_t* members, int64_t catalogues, int32_t* sums) {
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t c = 0; c < catalogues; ++c) *sums++ += std::popcount(bits[i] & members[c]);
  }
}

void score_coarse(const CoarseBlock& block, const CoarseQueries& queries, int64_t count, float* out) {
  for (int64_t i = 0; i < count; ++i) {
    const int8_t* const query = queries.codes + i * block.width;
    for (int64_t j = 0; j < PackedBlock::tracks; ++j) {
      int32_t sum = -queries.offset[i];
      for (int64_t d = 0; d < block.width; ++d) {
        sum += query[d] * block.codes[(d / 4 * PackedBlock::tracks + j) * 4 + d % 4];
      }
      *out++ = std::fma(static_cast<float>(sum), block.scale[j] * queries.scale[i], block.bias[j]);
    }
  }
}

constexpr PackedKernels plain = {score, score_one, reach, tally, score_coarse};

const PackedKernels* find(Instructions which) {
#ifdef __x86_64__
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("popcnt");
  if (which == Instructions::avx2) return avx2 ? packed_kernels_avx2() : nullptr;
  if (which == Instructions::avx512) return avx2 && __builtin_cpu_supports("avx512f") ? packed_kernels_avx512() : nullptr;
#endif
  return which == Instructions::plain ? &plain : nullptr;
}

}  // namespace

std::vector<Instructions> instructions_here() {
  std::vector<Instructions> all;
  for (const auto which : {Instructions::plain, Instructions::avx2, Instructions::avx512}) {
    if (find(which) != nullptr) all.push_back(which);
  }
  return all;
}

const PackedKernels& packed_kernels(Instructions which) {
  const auto* const found = find(which);
  if (found == nullptr) throw std::invalid_argument("packed_kernels: this processor lacks the instructions asked for");
  return *found;
}

}  // namespace segue
