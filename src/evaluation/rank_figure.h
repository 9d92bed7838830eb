#pragma once

#include <string>

#include "evaluation/results.h"

namespace segue {

/// Where the rankers put the right track: a bar per ranker, cut by rank bins, with its legend.
std::string rank_figure(const Evaluation& evaluation);

/// How far each ranker is ahead of those behind it in a metric, and whether that is more than luck. Empty where
/// nothing was compared.
std::string pair_figure(const Evaluation& evaluation, const std::string& metric);

}  // namespace segue
