#pragma once

#include <cstdint>

namespace segue {

/// How many of `cases` independent questions are answered, where each is with the chance `share` (0 … 1). Exact.
struct Binomial {
  int64_t cases = 0;
  double share = 0;

  double mean() const { return static_cast<double>(cases) * share; }
  double variance() const { return mean() * (1 - share); }
  double probability(int64_t hits) const;
  double at_most(int64_t hits) const;
  double at_least(int64_t hits) const;
};

/// From `low` to `high`, both included.
struct Region {
  int64_t low = 0, high = 0;

  bool has(int64_t hits) const { return hits >= low && hits <= high; }
};

/// The central 95 %: fewer hits than `low` have at most 2.5 %, and so have more than `high`.
Region central_region(const Binomial& chance);

/// Two-sided: twice the smaller tail, the observed number included in it, at most 1.
double two_sided_p(const Binomial& chance, int64_t hits);

/// Two-sided: of a value that many standard deviations from the middle of a normal distribution.
double normal_p(double z);

/// Whether two shares of hits differ, where nothing is known of single cases (Fisher's exact test): twice the smaller
/// tail, at most 1.
double two_shares_p(int64_t hits_a, int64_t cases_a, int64_t hits_b, int64_t cases_b);

}  // namespace segue
