#include "core/numpy_random.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <stdexcept>
#include <unordered_set>

namespace segue {

std::vector<int64_t> numpy_choice(uint32_t seed, std::vector<double> p, int64_t size) {
  if (size > std::count_if(p.begin(), p.end(), [](double v) { return v > 0; })) {
    throw std::invalid_argument("numpy_choice: more wanted than there are values above 0");
  }
  std::mt19937 twister(seed);  // numpy's legacy generator with its legacy seeding
  const auto uniform = [&] {
    const uint32_t high = static_cast<uint32_t>(twister()) >> 5, low = static_cast<uint32_t>(twister()) >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
  };
  std::vector<int64_t> drawn;
  while (std::ssize(drawn) < size) {
    std::vector<double> x(static_cast<size_t>(size) - drawn.size());
    std::generate(x.begin(), x.end(), uniform);
    for (const int64_t i : drawn) p[static_cast<size_t>(i)] = 0;
    std::vector<double> cdf(p.size());
    std::partial_sum(p.begin(), p.end(), cdf.begin());
    const double sum = cdf.back();
    for (double& value : cdf) value /= sum;
    std::unordered_set<int64_t> seen;  // what a round draws twice counts once, where it came first
    for (const double value : x) {
      const int64_t i = std::upper_bound(cdf.begin(), cdf.end(), value) - cdf.begin();
      if (seen.insert(i).second) drawn.push_back(i);
    }
  }
  return drawn;
}

}  // namespace segue
