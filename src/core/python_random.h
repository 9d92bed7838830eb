#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace segue {

/// Python's `random.Random(seed)`: the Mersenne Twister (Matsumoto & Nishimura, 1998) with Python's seeding and its ways
/// of drawing, so that a published seed gives the published draw.
class PythonRandom {
 public:
  explicit PythonRandom(uint32_t seed);

  /// Uniform in 0 … n - 1, as `randrange(n)`; 0 < n < 2^32.
  uint32_t below(uint32_t n);
  /// Places in the population that `random.sample(range(n), k)` draws, in order; k <= n.
  std::vector<uint32_t> sample(uint32_t n, uint32_t k);

 private:
  uint32_t bits();  // the next 32

  std::array<uint32_t, 624> state_;
  size_t next_ = 624;
};

/// Python's round(): half to even.
int64_t python_round(double x);

}  // namespace segue
