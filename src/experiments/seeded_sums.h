#pragma once

#include <map>
#include <string>
#include <vector>

#include "evaluation/slices.h"

namespace segue {

/// Sums by listener of every ranker under every seed, over all cases and over each slice; where a ranker has no result
/// under a seed its columns stay empty and are left out of its means.
class SeededSums {
 public:
  SeededSums(const std::vector<CaseInfo>& cases, const std::vector<size_t>& ranked, std::vector<std::string> rankers, size_t seeds);

  void add(const std::string& ranker, size_t seed, const RankerPlaces& places, Ties ties);

  /// Over all cases or those of a slice: every measure of every ranker, intervals over listeners and seeds. [rankers]
  std::vector<SliceResult> results(const std::string& slice, int64_t draws, uint64_t seed) const;

  /// The seeds under which a ranker has a result.
  std::vector<size_t> seeds_of(size_t ranker) const;
  bool has(size_t ranker, size_t seed) const { return there_[ranker * seeds_ + seed] != 0; }
  size_t number(const std::string& ranker) const;
  const std::vector<std::string>& rankers() const { return rankers_; }
  int64_t listeners() const { return parts_.at("").slice.listeners; }
  int64_t cases() const { return std::ssize(parts_.at("").slice.cases); }

  /// The sums of some measures over all cases or those of a slice. column(ranker, seed, metric) = (ranker * seeds + seed) *
  /// metrics + metric.
  Clusters of_metrics(const std::vector<std::string>& metrics, const std::string& slice = {}) const;
  size_t seeds() const { return seeds_; }

 private:
  struct Summed {
    Slice slice;
    Clusters sums;
  };
  size_t column(size_t ranker, size_t seed) const { return (ranker * seeds_ + seed) * measures().size(); }

  std::vector<std::string> rankers_;
  size_t seeds_;
  std::vector<uint8_t> there_;           // [rankers, seeds]
  std::map<std::string, Summed> parts_;  // by name of the slice; "": all cases
};

}  // namespace segue
