#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/random.h"
#include "ranking/packed_vectors.h"

namespace segue {

inline std::string name_of(Instructions which) {
  return which == Instructions::plain ? "plain" : which == Instructions::avx2 ? "avx2" : "avx512";
}

constexpr float never = -std::numeric_limits<float>::infinity();

inline std::vector<float> numbers(int64_t count, uint64_t stream) {
  Random random(7, stream);
  std::vector<float> all(static_cast<size_t>(count));
  for (auto& x : all) x = static_cast<float>(2 * random.uniform() - 1);
  return all;
}

/// Small whole numbers, so that many scores are equal.
inline std::vector<float> whole_numbers(int64_t count, uint64_t stream) {
  Random random(7, stream);
  std::vector<float> all(static_cast<size_t>(count));
  for (auto& x : all) x = static_cast<float>(random.below(5)) - 2;
  return all;
}

/// A batch over a catalogue with everything that can happen: ties, tracks that never come, adjustments.
struct World {
  int64_t tracks, width, count;
  std::vector<float> vectors, queries, bias;
  std::vector<std::vector<Adjustment>> adjustments;
  std::vector<int32_t> targets;
  std::vector<int64_t> plays;
  std::vector<uint8_t> is_member;
  Catalogue everything, members;

  World(int64_t n, int64_t d, int64_t q, uint64_t seed, bool ties)
      : tracks(n), width(d), count(q), vectors(ties ? whole_numbers(n * d, seed) : numbers(n * d, seed)),
        queries(ties ? whole_numbers(q * d, seed + 1) : numbers(q * d, seed + 1)), plays(draw_plays(n, seed)),
        is_member(draw_members(n, seed)), everything(std::vector<uint8_t>(static_cast<size_t>(n), 1), plays),
        members(is_member, plays) {
    Random random(seed, 3);
    for (int64_t j = 0; j < n; ++j) bias.push_back(random.below(9) == 0 ? never : static_cast<float>(random.below(3)));
    for (int64_t i = 0; i < q; ++i) {
      std::vector<Adjustment> list;
      for (int32_t j = 0; j < n; ++j) {
        if (random.below(4) != 0) continue;
        const double amount = ties ? static_cast<double>(random.below(3)) : random.uniform();
        list.push_back({j, random.below(8) == 0 ? never : amount});
      }
      std::reverse(list.begin(), list.end());
      adjustments.push_back(i % 3 == 2 ? std::vector<Adjustment>() : list);
      targets.push_back(static_cast<int32_t>(random.below(static_cast<uint64_t>(n))));
    }
  }
  static std::vector<int64_t> draw_plays(int64_t n, uint64_t seed) {
    Random random(seed, 1);
    std::vector<int64_t> all;
    for (int64_t j = 0; j < n; ++j) all.push_back(static_cast<int64_t>(random.below(4)));
    return all;
  }
  static std::vector<uint8_t> draw_members(int64_t n, uint64_t seed) {
    Random random(seed, 2);
    std::vector<uint8_t> all;
    for (int64_t j = 0; j < n; ++j) all.push_back(random.below(3) != 0);
    return all;
  }

  Queries asked() const { return {queries, adjustments}; }

  /// What the scores must be: the chain by hand, then the adjustment in double.
  double score(int64_t q, int32_t track) const {
    const auto at = [](int64_t i) { return static_cast<size_t>(i); };
    float sum = bias[at(track)];
    for (int64_t d = 0; d < width; ++d) sum = std::fma(queries[at(q * width + d)], vectors[at(track * width + d)], sum);
    double total = sum;
    for (const auto& [adjusted, amount] : adjustments[at(q)]) total += adjusted == track ? amount : 0;
    return total;
  }
};

}  // namespace segue
