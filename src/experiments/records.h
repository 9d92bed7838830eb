#pragma once

#include <vector>

#include "experiments/comparison.h"

namespace segue {

// What runs wrote down while they learned and were asked. Of what some folders don't have, the others speak.

/// The mean over seeds of what each run took. folders: of one variant or ranker. None where no folder says it.
std::optional<Cost> mean_cost(const std::vector<Path>& folders);

/// The mean over seeds of how each run got on in its first time of learning, as far as all of them went.
std::vector<CurvePoint> mean_curve(const std::vector<Path>& runs);

}  // namespace segue
