#pragma once

#include <string>

#include "evaluation/results.h"
#include "training/run.h"

namespace segue {

/// What a run ships is what recommends: the mix of the model with the counters, if it is better than both of them.
struct Shipped {
  std::string what = "model";  // mix, model or counters
  std::string reason;          // in words
  Evaluation evaluation;       // on the guard's cases; empty where there was nothing to choose from
};

/// Judges a run by ndcg@10 on the validation cases of the listeners that did not stop its learning. The mix ships where it
/// is ahead of its better part with an interval that excludes 0; else that part does.
Shipped guard(const Prepared& prepared, const Run& run, uint64_t seed);

}  // namespace segue
