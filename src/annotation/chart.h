#pragma once

#include <array>
#include <string>

#include "annotation/values.h"

namespace segue {

/// A line of words for each gene, empty where there is nothing to say.
using GeneRemarks = std::array<std::string, gene_count>;

/// A track's genes for a terminal, at most 80 columns wide: a heading for each category, and for each gene its name, a bar, its
/// value on the scale of 0 … 5, and the remark: where the value is missing, why. ascii: nothing but ASCII.
/// Throws std::invalid_argument where a value is no number.
std::string gene_chart(const GeneValues& values, const GeneRemarks& remarks = {}, bool ascii = false);

}  // namespace segue
