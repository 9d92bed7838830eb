#pragma once

#include <string>

#include "evaluation/dot_figure.h"
#include "evaluation/results.h"

namespace segue {

/// The evaluation as one HTML page that needs nothing else: no script, no network; light and dark, wide and narrow,
/// on paper. Figures, tables, and what they mean in plain words.
std::string evaluation_page(const Evaluation& evaluation);

}  // namespace segue
