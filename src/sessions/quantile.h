#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace segue {

/// Quantile num/den of n values, rule R6: value number floor((n - 1) q + 1/2) in sorted order, in whole numbers.
/// There must be a value.
inline int64_t nearest_quantile(std::vector<int64_t> values, int64_t num, int64_t den) {
  const auto n = static_cast<int64_t>(values.size());
  const auto at = values.begin() + ((n - 1) * num * 2 + den) / (2 * den);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// Quantile q (0 … 1) of n values as numpy.quantile computes it, linear between two of them. There must be a value.
inline double linear_quantile(std::vector<int64_t> values, double q) {
  const double place = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::ptrdiff_t>(place);
  std::nth_element(values.begin(), values.begin() + below, values.end());
  const auto low = static_cast<double>(values[static_cast<size_t>(below)]);
  if (static_cast<double>(below) == place) return low;
  const auto high = static_cast<double>(*std::min_element(values.begin() + below + 1, values.end()));
  return low + (high - low) * (place - static_cast<double>(below));
}

/// Where validation and test begin: train is <= val, validation <= test.
struct Cutoffs {
  int64_t val = INT64_MIN, test = INT64_MIN;
};

/// Test from the 0.9-quantile of all times on, validation from the 0.9-quantile of those not after it (P10, C6, S2).
inline Cutoffs cutoffs_of(const std::vector<int64_t>& times) {
  Cutoffs cut;
  if (times.empty()) return cut;
  cut.test = nearest_quantile(times, 9, 10);
  std::vector<int64_t> before;
  std::copy_if(times.begin(), times.end(), std::back_inserter(before), [&](int64_t t) { return t <= cut.test; });
  cut.val = nearest_quantile(std::move(before), 9, 10);
  return cut;
}

}  // namespace segue
