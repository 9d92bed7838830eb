#pragma once

#include <string>
#include <vector>

#include "experiments/comparison.h"

namespace segue {

/// The sentences that may be said: of each claimed comparison by ndcg@10 what it is, of what a variant adds to the counters
/// also why nothing can be claimed.
std::vector<std::string> conclusions(const Comparison& comparison);

}  // namespace segue
