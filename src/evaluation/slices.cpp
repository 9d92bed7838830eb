#include "evaluation/slices.h"

#include <algorithm>
#include <unordered_map>

namespace segue {

const std::vector<std::pair<std::string, Belongs>>& slices() {
  static const std::vector<std::pair<std::string, Belongs>> rows{
      {"repeat", [](const CaseInfo& c) { return c.repeat; }},
      {"new", [](const CaseInfo& c) { return !c.repeat; }},
      {"start", [](const CaseInfo& c) { return c.start; }},
      {"within", [](const CaseInfo& c) { return !c.start; }},
      {"cold", [](const CaseInfo& c) { return c.cold; }},
      {"unplayed", [](const CaseInfo& c) { return c.unplayed; }},
      {"cold_listener", [](const CaseInfo& c) { return c.cold_listener; }},
  };
  return rows;
}

Slice slice_of(const std::vector<CaseInfo>& cases, const std::vector<size_t>& ranked, Belongs belongs) {
  Slice slice;
  std::unordered_map<int32_t, int64_t> number;
  for (const size_t i : ranked) {
    if (!belongs(cases[i])) continue;
    slice.cases.push_back(i);
    slice.cluster.push_back(number.try_emplace(cases[i].listener, static_cast<int64_t>(number.size())).first->second);
  }
  slice.clusters = slice.listeners = static_cast<int64_t>(number.size());
  if (slice.listeners == 1) {  // drawing one listener again and again says nothing: draw cases
    slice.clusters = static_cast<int64_t>(slice.cases.size());
    for (size_t i = 0; i < slice.cluster.size(); ++i) slice.cluster[i] = static_cast<int64_t>(i);
  }
  return slice;
}

Slice whole_slice(const std::vector<CaseInfo>& cases, const std::vector<size_t>& ranked) {
  return slice_of(cases, ranked, [](const CaseInfo&) { return true; });
}

Clusters empty_clusters(const Slice& slice, int64_t columns) {
  Clusters clusters(slice.clusters, columns);
  for (const int64_t cluster : slice.cluster) clusters.cases[static_cast<size_t>(cluster)] += 1;
  return clusters;
}

void add_sums(Clusters& clusters, int64_t first, const Slice& slice, const RankerPlaces& ranker, const std::vector<Measure>& rows, Ties ties) {
  std::vector<size_t> column;  // of each row in `values`
  for (const auto& row : rows) {
    const auto same = [&](const Measure& other) { return other.name == row.name; };
    column.push_back(static_cast<size_t>(std::find_if(measures().begin(), measures().end(), same) - measures().begin()));
  }
  for (size_t i = 0; i < slice.cases.size(); ++i) {
    double* sums = clusters.of(slice.cluster[i]) + first;
    if (!ranker.values.empty()) {
      for (const size_t c : column) *sums++ += ranker.values[slice.cases[i]][c];
      continue;
    }
    const Place& place = ranker.places[slice.cases[i]];
    for (const auto& row : rows) *sums++ += metric_of(place, row.metric, row.k, ties);
  }
}

}  // namespace segue
