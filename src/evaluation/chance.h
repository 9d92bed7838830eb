#pragma once

#include <cstdint>

#include "evaluation/summary.h"

namespace segue {

/// What guessing gives: the expectation of every measure under a uniform rank in 1 … candidates (exact), and the
/// interval in which 95 % of the means over `cases` such ranks lie (from `draws` simulated means).
Metrics chance_level(int64_t cases, int64_t candidates, uint64_t seed, int64_t draws = 4000);

/// The same where many tracks are right, by as many draws of a list for each case.
Metrics chance_level_of_lists(const std::vector<Right>& cases, int64_t candidates, uint64_t seed, int64_t draws = 200);

/// What one random order of all tracks gives that serves every case, as of a model that learned nothing: cases with one
/// target share their luck, so the interval is wider. targets: [cases]; candidates: [cases] of each, or empty: `members`.
/// The mean is that of the draws.
Metrics chance_level_of_one_order(const std::vector<int32_t>& targets, const std::vector<std::vector<int32_t>>& candidates,
                                  const std::vector<int32_t>& members, uint64_t seed, int64_t draws = 1000);

/// The metrics whose mean guessing could have given.
std::vector<std::string> inside_chance(const Metrics& metrics, const Metrics& chance);

}  // namespace segue
