#pragma once

#include <optional>
#include <vector>

#include "experiments/audit.h"

namespace segue {

/// Below it a single test counts as a sign that a run does not guess.
inline constexpr double surely = 0.001;

/// The numbers of hits among `cases` that would be printed as this recall; nothing where no number would be.
std::optional<Region> hits_of(const Figure& recall, int64_t cases);

/// How many cases have rank 1, 2, 3, 4 and 5, from recall@1, recall@5, mrr@5 and ndcg@5: where exactly one solution in
/// whole numbers fits what is printed.
std::optional<std::array<int64_t, 5>> first_five_ranks(const RunAudit& run);

/// What can't be, and what would explain what the figures show. Nothing is said that they don't show.
std::vector<Finding> findings_of(const RunAudit& run);

}  // namespace segue
