#include "core/python_random.h"

#include <bit>
#include <cmath>
#include <numeric>
#include <unordered_set>

namespace segue {

PythonRandom::PythonRandom(uint32_t seed) {
  // init_by_array with the one word `seed`.
  state_[0] = 19650218u;
  for (uint32_t i = 1; i < 624; ++i) state_[i] = 1812433253u * (state_[i - 1] ^ (state_[i - 1] >> 30)) + i;
  uint32_t i = 1;
  const auto step = [&] {
    if (++i >= 624) {
      state_[0] = state_[623];
      i = 1;
    }
  };
  for (int k = 0; k < 624; ++k) {
    state_[i] = (state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30)) * 1664525u)) + seed;
    step();
  }
  for (int k = 0; k < 623; ++k) {
    state_[i] = (state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30)) * 1566083941u)) - i;
    step();
  }
  state_[0] = 0x80000000u;
}

uint32_t PythonRandom::bits() {
  if (next_ == 624) {
    for (size_t i = 0; i < 624; ++i) {
      const uint32_t y = (state_[i] & 0x80000000u) | (state_[(i + 1) % 624] & 0x7fffffffu);
      state_[i] = state_[(i + 397) % 624] ^ (y >> 1) ^ ((y & 1u) != 0 ? 0x9908b0dfu : 0u);
    }
    next_ = 0;
  }
  uint32_t y = state_[next_++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

uint32_t PythonRandom::below(uint32_t n) {
  const int wanted = std::bit_width(n);
  for (;;) {
    const uint32_t drawn = bits() >> (32 - wanted);
    if (drawn < n) return drawn;
  }
}

std::vector<uint32_t> PythonRandom::sample(uint32_t n, uint32_t k) {
  std::vector<uint32_t> drawn;
  double set_size = 21;
  if (k > 5) set_size += std::pow(4, std::ceil(std::log(k * 3.0) / std::log(4.0)));
  if (n <= set_size) {  // a pool, from which what is drawn is taken out
    std::vector<uint32_t> pool(n);
    std::iota(pool.begin(), pool.end(), 0u);
    for (uint32_t i = 0; i < k; ++i) {
      const uint32_t j = below(n - i);
      drawn.push_back(pool[j]);
      pool[j] = pool[n - i - 1];
    }
  } else {  // draw again what was drawn before
    std::unordered_set<uint32_t> seen;
    while (drawn.size() < k) {
      const uint32_t j = below(n);
      if (seen.insert(j).second) drawn.push_back(j);
    }
  }
  return drawn;
}

int64_t python_round(double x) { return static_cast<int64_t>(std::nearbyint(x)); }

}  // namespace segue
