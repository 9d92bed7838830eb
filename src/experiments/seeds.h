#pragma once

#include <cstdint>
#include <vector>

namespace segue {

/// The second half of a bootstrap over listeners and seeds together. In every draw listeners were drawn, for all seeds
/// alike; now as many seeds as there are are drawn with replacement, and their means averaged. Draws of equally many seeds
/// are the same, so differences of what has the same seeds are paired.
/// by_seed: [draws, seeds]. Returns [draws].
std::vector<double> drawn_over_seeds(const std::vector<double>& by_seed, int64_t seeds, uint64_t seed);

}  // namespace segue
