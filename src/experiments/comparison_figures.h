#pragma once

#include <string>

#include "experiments/comparison.h"

namespace segue {

/// How well each variant guessed its validation cases, by epochs. Empty where nothing was written down.
std::string curve_figure(const Comparison& comparison);

/// ndcg@10 of every variant's model and mix, and of the rankers that learn no vectors, by the seconds that one seed took.
std::string cost_figure(const Comparison& comparison);

}  // namespace segue
