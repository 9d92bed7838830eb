#include <set>
#include <tuple>

#include "experiments/grid.h"

namespace segue {
namespace {

using Pair = std::tuple<size_t, size_t, std::string, std::string>;  // two factors, a value of each

std::vector<Pair> pairs_in(const std::vector<std::string>& values) {
  std::vector<Pair> pairs;
  for (size_t f = 0; f < values.size(); ++f) {
    for (size_t g = f + 1; g < values.size(); ++g) pairs.emplace_back(f, g, values[f], values[g]);
  }
  if (values.size() == 1) pairs.emplace_back(0, 0, values[0], values[0]);
  return pairs;
}

}  // namespace

Grid pairwise(const Grid& grid) {
  std::set<Pair> missing;
  for (const auto& variant : grid.variants) {
    for (auto& pair : pairs_in(variant.values)) missing.insert(std::move(pair));
  }
  std::set<size_t> chosen;
  while (!missing.empty()) {
    size_t best = 0;
    int64_t most = 0;
    for (size_t v = 0; v < grid.variants.size(); ++v) {
      int64_t gained = 0;
      for (const auto& pair : pairs_in(grid.variants[v].values)) gained += static_cast<int64_t>(missing.count(pair));
      if (gained > most) {
        most = gained;
        best = v;
      }
    }
    chosen.insert(best);
    for (const auto& pair : pairs_in(grid.variants[best].values)) missing.erase(pair);
  }
  for (size_t v = grid.variants.size(); v-- > 0;) {  // a variant stands behind what it begins from
    if (!grid.variants[v].values.empty() && !chosen.contains(v)) continue;
    const auto from = begins_from(grid.variants[v].config);
    for (size_t u = 0; u < v; ++u) {
      if (grid.variants[u].name == from) chosen.insert(u);
    }
  }
  Grid fewer = grid;
  fewer.variants.clear();
  for (size_t v = 0; v < grid.variants.size(); ++v) {
    if (grid.variants[v].values.empty() || chosen.contains(v)) fewer.variants.push_back(grid.variants[v]);
  }
  return fewer;
}

}  // namespace segue
