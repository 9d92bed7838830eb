#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "experiments/compare.h"

namespace segue {

/// What is to be done for one variant, or one ranker that learns no vectors, and what that will take.
struct PlannedVariant {
  std::string name;
  bool run = false;
  std::string settings;
  int64_t seeds = 0, done = 0;
  double seconds = 0;        // of one seed, in one process
  int64_t memory_bytes = 0;  // 0: not known
  std::string from;          // how that is known: measured, other runs, arithmetic; nothing
};

struct Plan {
  std::vector<PlannedVariant> variants;
  double seconds_left = 0;  // of all that is not done, one after the other
  int64_t runs_left = 0;
  double off = 0;  // by what factor the arithmetic is off for the runs that were measured, the median of them; 0: none was
};

/// All of a grid without doing any of it, nor writing anything. What one seed took the others will take. Of other variants the
/// arithmetic of RunTools::work is scaled by what the measured ones took, of language models by language models if any was measured;
/// where nothing was, by the speed of this machine.
/// Throws what compare() throws before anything is learned.
Plan plan_of(const Grid& grid, const Prepared& prepared, const RunTools& tools, const Path& folder);

std::string plan_text(const Plan& plan);
nlohmann::ordered_json plan_json(const Plan& plan);

}  // namespace segue
