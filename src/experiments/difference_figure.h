#pragma once

#include <string>

#include "experiments/comparison.h"

namespace segue {

/// How far each mix is ahead of what it is mixed from, in a metric: a dot with its interval over the line of no difference,
/// and a stroke for every seed. `against`: "counters", or empty for the models alone. Empty where nothing was compared.
std::string difference_figure(const Comparison& comparison, const std::string& metric, const std::string& against);

}  // namespace segue
