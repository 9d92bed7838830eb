#include "experiments/seeded_sums.h"

#include <algorithm>
#include <stdexcept>

#include "experiments/seeds.h"

namespace segue {

SeededSums::SeededSums(const std::vector<CaseInfo>& cases, const std::vector<size_t>& ranked, std::vector<std::string> rankers, size_t seeds)
    : rankers_(std::move(rankers)), seeds_(seeds), there_(rankers_.size() * seeds) {
  const auto columns = static_cast<int64_t>(rankers_.size() * seeds * measures().size());
  const auto put = [&](const std::string& name, Slice slice) {
    auto sums = empty_clusters(slice, columns);
    parts_.emplace(name, Summed{std::move(slice), std::move(sums)});
  };
  put("", whole_slice(cases, ranked));
  for (const auto& [name, belongs] : slices()) put(name, slice_of(cases, ranked, belongs));
}

size_t SeededSums::number(const std::string& ranker) const {
  const auto found = std::find(rankers_.begin(), rankers_.end(), ranker);
  if (found == rankers_.end()) throw std::invalid_argument("SeededSums: no ranker " + ranker);
  return static_cast<size_t>(found - rankers_.begin());
}

void SeededSums::add(const std::string& ranker, size_t seed, const RankerPlaces& places, Ties ties) {
  const size_t r = number(ranker);
  if (has(r, seed)) throw std::invalid_argument("SeededSums: twice under one seed: " + ranker);
  there_[r * seeds_ + seed] = 1;
  for (auto& [name, part] : parts_) add_sums(part.sums, static_cast<int64_t>(column(r, seed)), part.slice, places, measures(), ties);
}

std::vector<size_t> SeededSums::seeds_of(size_t ranker) const {
  std::vector<size_t> seeds;
  for (size_t s = 0; s < seeds_; ++s) {
    if (has(ranker, s)) seeds.push_back(s);
  }
  return seeds;
}

std::vector<SliceResult> SeededSums::results(const std::string& slice, int64_t draws, uint64_t seed) const {
  const auto& [of, sums] = parts_.at(slice);
  std::vector<SliceResult> all(rankers_.size(), {.cases = std::ssize(of.cases), .listeners = of.listeners, .metrics = {}});
  if (of.cases.empty()) return all;
  const auto centre = means(sums);
  const auto drawn = resampled_means(sums, draws, seed);
  for (size_t r = 0; r < rankers_.size(); ++r) {
    const auto seeds = seeds_of(r);
    if (seeds.empty()) continue;
    for (size_t m = 0; m < measures().size(); ++m) {
      double mean = 0;
      for (const size_t s : seeds) mean += centre[column(r, s) + m] / static_cast<double>(seeds.size());
      std::vector<double> by_seed;
      for (size_t row = 0; row < drawn.size(); row += centre.size()) {
        for (const size_t s : seeds) by_seed.push_back(drawn[row + column(r, s) + m]);
      }
      auto over_seeds = drawn_over_seeds(by_seed, std::ssize(seeds), seed);
      std::sort(over_seeds.begin(), over_seeds.end());
      all[r].metrics[measures()[m].name] = estimate(mean, over_seeds);
    }
  }
  return all;
}

Clusters SeededSums::of_metrics(const std::vector<std::string>& metrics, const std::string& slice) const {
  const auto& from = parts_.at(slice).sums;
  std::vector<size_t> chosen;
  for (const auto& name : metrics) {
    const auto same = [&](const Measure& row) { return row.name == name; };
    chosen.push_back(static_cast<size_t>(std::find_if(measures().begin(), measures().end(), same) - measures().begin()));
  }
  Clusters out(from.size(), static_cast<int64_t>(rankers_.size() * seeds_ * metrics.size()));
  out.cases = from.cases;
  for (int64_t i = 0; i < from.size(); ++i) {
    double* to = out.of(i);
    for (size_t each = 0; each < rankers_.size() * seeds_; ++each) {
      for (const size_t m : chosen) *to++ = from.of(i)[each * measures().size() + m];
    }
  }
  return out;
}

}  // namespace segue
