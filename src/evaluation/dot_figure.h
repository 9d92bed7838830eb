#pragma once

#include <string>

#include "evaluation/results.h"

namespace segue {

/// A dot with its interval per ranker, best ndcg@10 first, over the band of chance.
std::string metric_figure(const Evaluation& evaluation, const std::string& metric);

/// The same for ndcg@10 of one slice; all slices share one scale. Empty where the slice has no case.
std::string slice_figure(const Evaluation& evaluation, const std::string& slice);

/// ndcg@10 and recall@10 side by side as an SVG file of its own, for a README.
std::string figure_svg(const Evaluation& evaluation);

}  // namespace segue
