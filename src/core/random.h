#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

namespace segue {

/// SplitMix64's finaliser (Steele, Lea & Flood, 2014): a bijection whose output bits look independent.
constexpr uint64_t mix_bits(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// A counter-based generator: number i of a stream is a function of (seed, stream, i), so the same numbers come out
/// whatever the order, the machine or the number of threads. Satisfies UniformRandomBitGenerator.
class Random {
 public:
  using result_type = uint64_t;
  explicit Random(uint64_t seed, uint64_t stream = 0) : key_(mix_bits(mix_bits(seed) ^ (stream * 0xd1342543de82ef95))) {}

  static constexpr uint64_t min() { return 0; }
  static constexpr uint64_t max() { return std::numeric_limits<uint64_t>::max(); }
  uint64_t operator()() { return mix_bits(key_ ^ mix_bits(count_++)); }

  /// Uniform in [0, 1).
  double uniform() { return static_cast<double>((*this)() >> 11) * 0x1p-53; }

  /// Uniform in 0 … n - 1, without bias (Lemire, 2019); n > 0.
  uint64_t below(uint64_t n) {
    __extension__ using Wide = unsigned __int128;
    Wide product = static_cast<Wide>((*this)()) * n;
    while (static_cast<uint64_t>(product) < n && static_cast<uint64_t>(product) < (0 - n) % n) {
      product = static_cast<Wide>((*this)()) * n;
    }
    return static_cast<uint64_t>(product >> 64);
  }

  /// Standard normal, by Box and Muller.
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }

 private:
  uint64_t key_, count_ = 0;
};

}  // namespace segue
