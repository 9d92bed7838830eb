#include "annotation/agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>

#include "core/parallel.h"
#include "core/random.h"

namespace segue {
namespace {

constexpr uint64_t halves_stream = 0x68616c76;  // apart from those of the draws, one for each gene

/// One gene of the tracks of which both are known.
struct Pairs {
  std::vector<float> predicted, expert;  // [n] 0 … 1
  std::vector<int64_t> group;            // [n]

  size_t size() const { return predicted.size(); }
  void add(float predicted_value, float expert_value, int64_t its_group) {
    predicted.push_back(predicted_value);
    expert.push_back(expert_value);
    group.push_back(its_group);
  }
};

using Halves = std::array<Pairs, 2>;

/// All of a group in one half, which is a matter of its hash.
Halves halves_of(const Pairs& pairs, uint64_t seed, int64_t split) {
  const uint64_t salt = Random(seed, halves_stream + static_cast<uint64_t>(split))();
  Halves halves;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const auto which = static_cast<size_t>(mix_bits(salt ^ mix_bits(static_cast<uint64_t>(pairs.group[i]))) & 1);
    halves[which].add(pairs.predicted[i], pairs.expert[i], pairs.group[i]);
  }
  return halves;
}

/// Those splits whose halves both have enough to be fitted on.
std::vector<Halves> splits_of(const Pairs& pairs, const AgreementOptions& options) {
  const auto least = static_cast<size_t>(std::max<int64_t>(1, options.fewest / 4));
  std::vector<Halves> splits;
  for (int64_t split = 0; split < options.splits; ++split) {
    Halves halves = halves_of(pairs, options.seed, split);
    if (std::min(halves[0].size(), halves[1].size()) >= least) splits.push_back(std::move(halves));
  }
  return splits;
}

float fraction(float value) {
  if (!std::isfinite(value)) throw std::invalid_argument("agreement_of: a value that is no number");
  return value / static_cast<float>(gene_most);
}

bool constant(const std::vector<float>& values) {
  return std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) == values.end();
}

/// Places in ascending order from 1, equal values the mean of theirs.
std::vector<double> ranks_of(const std::vector<float>& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (size_t begin = 0, end; begin < order.size(); begin = end) {
    for (end = begin; end < order.size() && values[order[end]] == values[order[begin]];) ++end;
    for (size_t i = begin; i < end; ++i) ranks[order[i]] = 0.5 * static_cast<double>(begin + 1 + end);
  }
  return ranks;
}

std::optional<double> rank_correlation(const Pairs& pairs) {
  if (constant(pairs.predicted) || constant(pairs.expert)) return {};
  const auto a = ranks_of(pairs.predicted), b = ranks_of(pairs.expert);
  const double mean = 0.5 * static_cast<double>(a.size() + 1);
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean) * (b[i] - mean);
    aa += (a[i] - mean) * (a[i] - mean);
    bb += (b[i] - mean) * (b[i] - mean);
  }
  return ab / std::sqrt(aa * bb);
}

/// Sums over tracks of one group.
struct Sums {
  double difference = 0, tracks = 0;
};

double quantile(const std::vector<double>& sorted, double part) {
  const double at = part * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

/// The mean difference with as many groups drawn with replacement, sorted: [draws].
std::vector<double> drawn_means(const std::vector<Sums>& groups, int64_t draws, Random random) {
  std::vector<double> drawn;
  for (int64_t draw = 0; draw < draws; ++draw) {
    Sums sum;
    for (size_t i = 0; i < groups.size(); ++i) {
      const Sums& one = groups[random.below(groups.size())];
      sum.difference += one.difference;
      sum.tracks += one.tracks;
    }
    drawn.push_back(sum.difference / sum.tracks);
  }
  std::sort(drawn.begin(), drawn.end());
  return drawn;
}

/// Adds the errors on one half of what is fitted on the other.
void judge_half(const Pairs& fitted, const Pairs& other, GeneAgreement::Judged& sum, std::map<int64_t, Sums>& by_group) {
  const Calibration curve = fit_calibration(fitted.predicted, fitted.expert);
  const auto middle = static_cast<double>(median(fitted.expert));
  for (size_t i = 0; i < other.size(); ++i) {
    const auto expert = static_cast<double>(other.expert[i]);
    const double off = static_cast<double>(curve(other.predicted[i])) - expert, always = std::abs(middle - expert);
    sum.calibrated += std::abs(off);
    sum.calibrated_bias += off;
    sum.constant += always;
    Sums& sums = by_group[other.group[i]];
    sums.difference += std::abs(off) - always;
    sums.tracks += 1;
  }
}

GeneAgreement::Judged judge(const std::vector<Halves>& splits, const AgreementOptions& options, uint64_t gene) {
  GeneAgreement::Judged judged;
  std::map<int64_t, Sums> by_group;
  for (const auto& [a, b] : splits) {
    judge_half(a, b, judged, by_group);
    judge_half(b, a, judged, by_group);
  }
  const auto n = static_cast<double>(splits.size() * (splits[0][0].size() + splits[0][1].size()));
  judged.calibrated /= n, judged.calibrated_bias /= n, judged.constant /= n;
  std::vector<Sums> groups;
  for (const auto& [group, sums] : by_group) groups.push_back(sums);
  const auto drawn = drawn_means(groups, options.draws, Random(options.seed, gene));
  judged.low = quantile(drawn, 0.025), judged.high = quantile(drawn, 0.975);
  return judged;
}

/// Why there is nothing to judge; empty where there is.
std::string why_not(const Pairs& pairs, const std::vector<Halves>& splits, const AgreementOptions& options) {
  const auto n = static_cast<int64_t>(pairs.size());
  if (n < options.fewest) return fmt::format("{} tracks; {} are wanted", n, options.fewest);
  if (constant(pairs.expert)) return "the experts say the same of all";
  const auto groups = std::ssize(std::set(pairs.group.begin(), pairs.group.end()));
  if (groups < options.fewest_groups) return fmt::format("tracks of {} groups; {} are wanted", groups, options.fewest_groups);
  return splits.empty() ? "nearly all tracks are of one group" : "";
}

GeneAgreement of_gene(const Pairs& pairs, const AgreementOptions& options, uint64_t gene) {
  GeneAgreement out;
  out.tracks = static_cast<int64_t>(pairs.size());
  for (size_t i = 0; i < pairs.size(); ++i) {
    const double off = static_cast<double>(pairs.predicted[i]) - static_cast<double>(pairs.expert[i]);
    out.error += std::abs(off) / static_cast<double>(pairs.size());
    out.bias += off / static_cast<double>(pairs.size());
  }
  out.rank = rank_correlation(pairs);
  const auto splits = splits_of(pairs, options);
  out.why = why_not(pairs, splits, options);
  if (!out.why.empty()) return out;
  out.judged = judge(splits, options, gene);
  out.verdict = out.judged->high < 0 ? Verdict::usable : Verdict::unusable;
  if (out.verdict == Verdict::usable) out.calibration = fit_calibration(pairs.predicted, pairs.expert);
  return out;
}

}  // namespace

int64_t Agreement::count(Verdict verdict) const {
  return std::count_if(genes.begin(), genes.end(), [&](const auto& gene) { return gene.verdict == verdict; });
}

Agreement agreement_of(const std::vector<GeneValues>& predicted, const std::vector<GeneValues>& expert, const std::vector<int64_t>& group,
                       const AgreementOptions& options) {
  if (predicted.size() != expert.size() || predicted.size() != group.size() || options.draws < 1 || options.splits < 1) {
    throw std::invalid_argument("agreement_of: predicted, expert and group of the same tracks are wanted, and at least one split and draw");
  }
  Agreement out;
  out.options = options;
  out.tracks = std::ssize(predicted);
  out.groups = std::ssize(std::set(group.begin(), group.end()));
  std::array<Pairs, gene_count> pairs;
  for (size_t i = 0; i < predicted.size(); ++i) {
    for (size_t gene = 0; gene < pairs.size(); ++gene) {
      const auto &one = predicted[i][gene], &other = expert[i][gene];
      if (one && other) pairs[gene].add(fraction(*one), fraction(*other), group[i]);
    }
  }
  parallel_for(gene_count, [&](int64_t gene) {
    const auto g = static_cast<size_t>(gene);
    out.genes[g] = of_gene(pairs[g], options, g);
  });
  return out;
}

GeneValues trusted(const GeneValues& predicted, const Agreement& agreement) {
  GeneValues out = predicted;
  for (size_t gene = 0; gene < out.size(); ++gene) {
    const auto& known = agreement.genes[gene];
    if (known.verdict == Verdict::unusable) out[gene].reset();
    if (known.verdict == Verdict::usable && out[gene]) out[gene] = static_cast<float>(gene_most) * known.calibration(fraction(*out[gene]));
  }
  return out;
}

}  // namespace segue
