#pragma once

#include <string>
#include <vector>

#include "experiments/comparison.h"

namespace segue {

/// A difference and what it is called in a figure.
struct DifferenceRow {
  std::string name;
  const SeededPair* of;
};

/// How far each mix is ahead of what it is mixed from, in a metric, the largest first. `against`: "counters", or empty for the models alone.
std::vector<DifferenceRow> worth_rows(const Comparison& comparison, const std::string& metric, const std::string& against);

/// What each value of each factor, or each variant where one thing is varied, adds to the first in a slice (empty: all cases): to the
/// mixes, or to the models alone.
std::vector<DifferenceRow> effect_rows(const Comparison& comparison, const std::string& slice, bool mixed);

/// A forest: a dot with its interval over the line of no difference for each row, and a stroke for every seed. id: the only one of
/// its page. Empty where there is no row.
std::string difference_figure(const std::string& id, const std::vector<DifferenceRow>& rows);

}  // namespace segue
