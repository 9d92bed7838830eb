#pragma once

#include <string>
#include <utility>
#include <vector>

#include "evaluation/intervals.h"
#include "evaluation/summary.h"

namespace segue {

/// Whether a case belongs to a slice.
using Belongs = bool (*)(const CaseInfo&);

/// repeat, new, start, within, cold, cold_listener.
const std::vector<std::pair<std::string, Belongs>>& slices();

/// Ranked cases of one slice, in groups that are drawn together.
struct Slice {
  std::vector<size_t> cases;
  std::vector<int64_t> cluster;  // of each case
  int64_t clusters = 0, listeners = 0;
};

/// ranked: numbers of the cases that are ranked. Of one listener each case is a group.
Slice slice_of(const std::vector<CaseInfo>& cases, const std::vector<size_t>& ranked, Belongs belongs);
/// All ranked cases.
Slice whole_slice(const std::vector<CaseInfo>& cases, const std::vector<size_t>& ranked);

/// Empty sums of a slice, with its number of cases in each group.
Clusters empty_clusters(const Slice& slice, int64_t columns);

/// Adds up a ranker's measures in the columns from `first` on, one for each of `rows`.
void add_sums(Clusters& clusters, int64_t first, const Slice& slice, const RankerPlaces& ranker, const std::vector<Measure>& rows, Ties ties);

}  // namespace segue
