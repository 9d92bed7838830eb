#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "evaluation/metrics.h"
#include "evaluation/results.h"

namespace segue {

/// What the slices look at (C5 of the protocol).
struct CaseInfo {
  int32_t listener = 0;
  bool repeat = false;         // the target was played before
  bool start = false;          // the target opens a session
  bool cold = false;           // the target is outside the catalogue, or nobody plays it in train
  bool unplayed = false;       // nobody plays the target in train
  bool cold_listener = false;  // the listener has no play in train
};

/// Where one ranker put the targets.
struct RankerPlaces {
  std::string name;
  std::vector<Place> places;  // one per case; above = -1 where the case is not ranked, for all rankers alike
  std::map<std::string, double> lists;
  std::string note;
  double seconds = 0;
  bool mixed = false;
  std::vector<std::vector<double>> values = {};  // [cases, measures()] where many tracks are right; else from the places
};

/// How many tracks are right in a case, and how many of them are candidates.
struct Right {
  int64_t tracks = 1, ranked = 1;
};

struct SummaryOptions {
  Ties ties = Ties::mean_rank;
  uint64_t seed = 1;
  int64_t resamples = 1000;
  int64_t candidates = 0;  // per case
  std::vector<Right> right = {};  // [cases]; empty: the target alone
  std::vector<std::string> pair_metrics = {"ndcg@10", "recall@10"};
};

/// Means over the ranked cases and their slices with intervals, the level of chance, and every two rankers compared.
/// Counts, ties, seed and intervals of the protocol are filled in. Deterministic by the seed. Throws Error where no
/// case is ranked or a metric has no such name.
Evaluation summarise(ProtocolInfo protocol, const std::vector<CaseInfo>& cases,
                     const std::vector<RankerPlaces>& rankers, const SummaryOptions& options);

}  // namespace segue
