#include "experiments/seeds.h"

#include <stdexcept>

#include "core/random.h"

namespace segue {

std::vector<double> drawn_over_seeds(const std::vector<double>& by_seed, int64_t seeds, uint64_t seed) {
  if (seeds <= 0 || by_seed.size() % static_cast<size_t>(seeds) != 0) throw std::invalid_argument("drawn_over_seeds: by_seed must be [draws, seeds]");
  constexpr uint64_t apart = 0x5eed;  // from the draws of listeners, which are streams of the seed itself
  const auto n = static_cast<size_t>(seeds);
  std::vector<double> out(by_seed.size() / n);
  for (size_t draw = 0; draw < out.size(); ++draw) {
    Random random(seed ^ apart, draw);
    for (size_t i = 0; i < n; ++i) out[draw] += by_seed[draw * n + random.below(n)];
    out[draw] /= static_cast<double>(n);
  }
  return out;
}

}  // namespace segue
