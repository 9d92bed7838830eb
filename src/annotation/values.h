#pragma once

#include <array>
#include <optional>

#include "annotation/genes.h"

namespace segue {

/// A track's genes on their scale, 0 … 5; nothing where not known.
using GeneValues = std::array<std::optional<float>, gene_count>;

}  // namespace segue
