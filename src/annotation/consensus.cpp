#include "annotation/consensus.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace segue {
namespace {

constexpr double rounding = 1e-6;  // 2.1 and 1.1 are no further apart than 1

struct Spread {
  int64_t known = 0;
  double sum = 0, least = std::numeric_limits<double>::infinity(), most = -least;
};

Spread spread_of(std::span<const GeneValues> passes, size_t gene) {
  Spread spread;
  for (const auto& pass : passes) {
    if (!pass[gene]) continue;
    const double value = *pass[gene];
    if (!std::isfinite(value)) throw std::invalid_argument("consensus_of: a value that is no number");
    ++spread.known;
    spread.sum += value;
    spread.least = std::min(spread.least, value);
    spread.most = std::max(spread.most, value);
  }
  return spread;
}

}  // namespace

Consensus consensus_of(std::span<const GeneValues> passes, double apart) {
  if (passes.empty()) throw std::invalid_argument("consensus_of: no passes");
  Consensus out;
  for (size_t gene = 0; gene < static_cast<size_t>(gene_count); ++gene) {
    const Spread spread = spread_of(passes, gene);
    Consent& standing = out.standing[gene];
    if (spread.known == 0) standing = Consent::unknown;
    else if (2 * spread.known < std::ssize(passes)) standing = Consent::seldom;
    else if (spread.most - spread.least > apart + rounding) standing = Consent::disagreed;
    else standing = Consent::agreed;
    if (standing == Consent::agreed) out.values[gene] = static_cast<float>(spread.sum / static_cast<double>(spread.known));
  }
  return out;
}

}  // namespace segue
