#include "experiments/families.h"

#include <algorithm>

#include "evaluation/findings.h"
#include "evaluation/slices.h"

namespace segue {
namespace {

constexpr size_t most_variants = 12;  // of which every two are compared; of more, each with the first

using Rankers = std::vector<std::string> TrainedVariant::*;
constexpr Rankers kinds[] = {&TrainedVariant::mixed, &TrainedVariant::alone};

/// Each mix against the counters mixed without the model, and against the model alone.
std::vector<Contrast> worth_of(const std::vector<TrainedVariant>& variants, bool counters) {
  std::vector<Contrast> pairs;
  for (const auto& variant : variants) {
    for (const auto& mixed : variant.mixed) {
      if (counters) pairs.emplace_back(mixed, "counters");
      for (const auto& alone : variant.alone) pairs.emplace_back(mixed, alone);
    }
  }
  return pairs;
}

std::vector<Contrast> over_counters(const std::vector<TrainedVariant>& variants) {
  std::vector<Contrast> pairs;
  for (const auto& variant : variants) {
    for (const auto& mixed : variant.mixed) pairs.emplace_back(mixed, "counters");
  }
  return pairs;
}

/// Mixes with mixes and models with models.
void add_alike(std::vector<Contrast>& pairs, const TrainedVariant& one, const TrainedVariant& other) {
  for (const Rankers kind : kinds) {
    const auto &a = one.*kind, &b = other.*kind;
    for (size_t k = 0; k < std::min(a.size(), b.size()); ++k) pairs.emplace_back(a[k], b[k]);
  }
}

std::vector<Contrast> between(const std::vector<TrainedVariant>& variants) {
  std::vector<Contrast> pairs;
  const size_t firsts = variants.size() > most_variants ? 1 : variants.size();
  for (size_t i = 0; i < firsts; ++i) {
    for (size_t j = i + 1; j < variants.size(); ++j) add_alike(pairs, variants[i], variants[j]);
  }
  return pairs;
}

/// What changes by what a variant has that the first one does not.
std::vector<Contrast> against_first(const std::vector<TrainedVariant>& variants) {
  std::vector<Contrast> pairs;
  for (size_t i = 1; i < variants.size(); ++i) add_alike(pairs, variants[i], variants[0]);
  return pairs;
}

using Values = std::map<std::string, std::vector<std::string>>;  // of every factor, by variant

/// Cells of the grid that differ in one factor, of which one has the first value.
std::vector<Contrast> matched(const std::vector<TrainedVariant>& variants, const std::vector<Factor>& factors, const Values& values) {
  std::vector<Contrast> pairs;
  const auto cell = [&](const TrainedVariant& variant) { return values.find(variant.name); };
  for (size_t f = 0; f < factors.size(); ++f) {
    for (const auto& one : variants) {
      if (cell(one) == values.end() || cell(one)->second[f] == factors[f].values.front()) continue;
      auto plain = cell(one)->second;
      plain[f] = factors[f].values.front();
      const auto other = std::find_if(variants.begin(), variants.end(), [&](const TrainedVariant& v) { return cell(v) != values.end() && cell(v)->second == plain; });
      if (other != variants.end()) add_alike(pairs, one, *other);
    }
  }
  return pairs;
}

/// What every value of every factor adds to the first, over all cells: to the mixes, and to the models alone.
std::vector<Contrast> of_factors(const std::vector<TrainedVariant>& variants, const std::vector<Factor>& factors, const Values& values) {
  std::vector<Contrast> all;
  for (const Rankers kind : kinds) {
    std::vector<std::string> rankers;
    std::vector<std::vector<std::string>> cells;
    for (const auto& variant : variants) {
      const auto cell = values.find(variant.name);
      if (cell == values.end() || (variant.*kind).empty()) continue;
      rankers.push_back((variant.*kind).front());
      cells.push_back(cell->second);
    }
    for (auto& effect : factor_effects(factors, cells)) {
      std::vector<std::pair<std::string, double>> weights;
      for (size_t c = 0; c < cells.size(); ++c) weights.emplace_back(rankers[c], effect.weights[c]);
      all.emplace_back(effect.value + (kind == &TrainedVariant::mixed ? " (mixed)" : " (alone)"), effect.first, effect.factor, std::move(weights));
    }
  }
  return all;
}

std::vector<std::string> slice_names() {
  std::vector<std::string> names;
  for (const auto& [name, belongs] : slices()) names.push_back(name);
  return names;
}

}  // namespace

std::vector<FamilyTests> families_of(const std::vector<TrainedVariant>& variants, bool counters, const ComparisonOptions& options) {
  std::vector<FamilyTests> all;
  const auto add = [&](const char* name, PairTests tests) {
    tests.draws = options.resamples;
    tests.seed = options.seed;
    all.push_back({name, std::move(tests)});
  };
  auto everywhere = slice_names();
  add("worth", {worth_of(variants, counters), options.metrics});
  if (counters) add("slices", {over_counters(variants), {headline}, everywhere});
  const auto varies = [](const Factor& factor) { return factor.values.size() > 1; };
  const bool crossed = std::count_if(options.factors.begin(), options.factors.end(), varies) > 1;
  if (!crossed || variants.size() <= most_variants) add("variants", {between(variants), options.metrics});
  if (!crossed) add("effects", {against_first(variants), {headline}, everywhere});
  if (crossed) add("matched", {matched(variants, options.factors, options.values), {headline}});
  everywhere.insert(everywhere.begin(), "");
  if (crossed) add("factors", {of_factors(variants, options.factors, options.values), {headline}, everywhere});
  return all;
}

}  // namespace segue
