#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>

#include "core/random.h"

// Arithmetic that gives the same bits everywhere: sums, products and square roots, which IEEE 754 defines to the last
// bit. exp, log and sin differ in that bit between C libraries, and one bit in one choice changes every play after it.
// (A compiler that fuses a product and a sum into one rounding, where the processor can, needs -ffp-contract=off.)

namespace segue::simulation {

/// Nearly standard normal: the sum of twelve uniforms has variance one.
inline double bell(Random& random) {
  double sum = -6.0;
  for (int i = 0; i < 12; ++i) sum += random.uniform();
  return sum;
}

/// Close to exp(x) for |x| < 16: (1 + x / 256)^256; 0 where that base would be negative.
inline double growth(double x) {
  double power = std::max(0.0, 1.0 + x / 256.0);
  for (int i = 0; i < 8; ++i) power *= power;
  return power;
}

inline double sigmoid(double x) { return 1.0 / (1.0 + growth(-x)); }

/// What a track is like, a unit vector in three blocks of four: heard in the sound only, in sound and words, in the
/// words only. Floats, because their products are exact in double.
constexpr int latent_size = 12, block_size = 4;
enum Block { sound_block = 0, shared_block = 4, words_block = 8 };  // where each begins
using Latent = std::array<float, latent_size>;

inline double dot(const Latent& a, const Latent& b) {
  double sum = 0.0;
  for (int i = 0; i < latent_size; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

/// a * by + b * more
inline Latent mixed(const Latent& a, double by, const Latent& b, double more) {
  Latent sum;
  for (int i = 0; i < latent_size; ++i) sum[i] = static_cast<float>(a[i] * by) + static_cast<float>(b[i] * more);
  return sum;
}

inline Latent unit(const Latent& a) {
  const double length = std::sqrt(dot(a, a));
  return length > 0.0 ? mixed(a, 1.0 / length, a, 0.0) : a;
}

inline Latent any_direction(Random& random) {
  Latent direction;
  for (float& x : direction) x = static_cast<float>(bell(random));
  return unit(direction);
}

/// A place drawn in proportion to its weight; -1 if all weights are zero.
inline int64_t draw(Random& random, std::span<const double> weights) {
  double total = 0.0;
  for (const double weight : weights) total += weight;
  if (!(total > 0.0)) return -1;
  double left = random.uniform() * total;
  int64_t last = -1;
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] <= 0.0) continue;
    last = static_cast<int64_t>(i);
    left -= weights[i];
    if (left < 0.0) break;
  }
  return last;
}

/// One stream of random numbers per thing that is made, so that none depends on how many numbers another took.
enum class Stream : uint64_t { world, listeners, plays, spellings, podcasts, sound, lyrics, genes, gene_directions, library };

inline Random random_of(uint64_t seed, Stream stream, int64_t which = 0) {
  return Random(seed, (static_cast<uint64_t>(stream) << 40) + static_cast<uint64_t>(which));
}

}  // namespace segue::simulation
