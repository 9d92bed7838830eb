#pragma once

#include <string>

#include "experiments/comparison.h"

namespace segue {

/// The comparison as one HTML page that needs nothing else, put together from the pieces of an evaluation's page.
std::string comparison_page(const Comparison& comparison);

}  // namespace segue
