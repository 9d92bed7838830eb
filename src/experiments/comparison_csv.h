#pragma once

#include <string>

#include "experiments/compare.h"

namespace segue {

/// Every figure in a row of its own, for a spreadsheet or a data frame:
/// candidates, kind (ranker, chance, or the family of a difference), name, against, factor, slice, metric, value, low, high, p, p_holm,
/// claimed, seeds. What does not apply is empty. Quoted as RFC 4180 has it.
std::string comparison_csv(const CompareResult& result);

}  // namespace segue
