#pragma once

#include <cstdint>
#include <vector>

namespace segue {

/// What `numpy.random.seed(seed); numpy.random.choice(len(p), size, replace=False, p=p)` draws, in its order, so that a
/// published seed gives the published draw. p sums to about 1; size is at most the number of its values above 0.
std::vector<int64_t> numpy_choice(uint32_t seed, std::vector<double> p, int64_t size);

}  // namespace segue
