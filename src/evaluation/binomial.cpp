#include "evaluation/binomial.h"

#include <algorithm>
#include <cmath>

namespace segue {
namespace {

double log_choose(int64_t n, int64_t k) {
  const auto log_factorial = [](int64_t i) {
    int sign = 0;  // lgamma() itself writes a global
    return ::lgamma_r(static_cast<double>(i) + 1, &sign);
  };
  return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
}

double twice_smaller(double low, double high) { return std::min(1.0, 2 * std::min(low, high)); }

}  // namespace

double Binomial::probability(int64_t hits) const {
  if (hits < 0 || hits > cases) return 0;
  if (share <= 0 || share >= 1) return hits == (share <= 0 ? 0 : cases) ? 1 : 0;
  const auto k = static_cast<double>(hits), n = static_cast<double>(cases);
  return std::exp(log_choose(cases, hits) + k * std::log(share) + (n - k) * std::log1p(-share));
}

double Binomial::at_most(int64_t hits) const {
  double sum = 0;
  for (int64_t k = 0; k <= std::min(hits, cases); ++k) sum += probability(k);
  return std::min(1.0, sum);
}

double Binomial::at_least(int64_t hits) const {
  double sum = 0;
  for (int64_t k = cases; k >= std::max<int64_t>(hits, 0); --k) sum += probability(k);
  return std::min(1.0, sum);
}

Region central_region(const Binomial& chance) {
  Region region{0, chance.cases};
  for (double below = 0; region.low < chance.cases; ++region.low) {
    below += chance.probability(region.low);
    if (below > 0.025) break;
  }
  for (double above = 0; region.high > region.low; --region.high) {
    above += chance.probability(region.high);
    if (above > 0.025) break;
  }
  return region;
}

double two_sided_p(const Binomial& chance, int64_t hits) { return twice_smaller(chance.at_most(hits), chance.at_least(hits)); }

double normal_p(double z) { return std::erfc(std::abs(z) / std::sqrt(2.0)); }

double two_shares_p(int64_t hits_a, int64_t cases_a, int64_t hits_b, int64_t cases_b) {
  const int64_t hits = hits_a + hits_b;
  const double all = log_choose(cases_a + cases_b, hits);
  double low = 0, high = 0;
  for (int64_t k = std::max<int64_t>(0, hits - cases_b); k <= std::min(hits, cases_a); ++k) {
    const double p = std::exp(log_choose(cases_a, k) + log_choose(cases_b, hits - k) - all);
    if (k <= hits_a) low += p;
    if (k >= hits_a) high += p;
  }
  return twice_smaller(low, high);
}

}  // namespace segue
