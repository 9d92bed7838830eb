#pragma once

#include <cstdint>
#include <vector>

namespace segue {

/// At most so many of some values, evenly spread, in their order.
template <class Value>
std::vector<Value> spread(const std::vector<Value>& values, int64_t most) {
  std::vector<Value> some;
  const auto n = static_cast<int64_t>(values.size());
  for (int64_t i = 0; i < n; ++i) {
    if (n <= most || (i + 1) * most / n != i * most / n) some.push_back(values[static_cast<size_t>(i)]);
  }
  return some;
}

}  // namespace segue
