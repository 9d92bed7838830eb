#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "evaluation/questions.h"
#include "evaluation/results.h"
#include "experiments/audit.h"
#include "experiments/cost.h"
#include "experiments/factor_effects.h"

namespace segue {

/// a - b over the same cases, averaged over the seeds that both have; the interval and p resample listeners and seeds
/// together.
struct SeededPair {
  PairResult pair;
  std::map<uint64_t, double> by_seed;
  bool same_sign = false;  // in every seed
  bool claimed = false;    // more than luck, in every seed of the table, of which there are enough
  std::string why_not = {};  // of what is not claimed
  std::string slice = {};    // whose cases; empty: all
  std::string factor = {};   // of which a and b are values, all else being equal; empty: they are rankers
};

/// Comparisons that answer one question; Holm's correction is over all of them.
struct Family {
  std::string name;  // worth, slices, variants, effects, matched, factors
  std::vector<SeededPair> pairs;
};

/// What should stand in the table and has no result.
struct FailedRun {
  std::string name;  // of the variant or ranker
  uint64_t seed = 0;
  std::string reason;
};

/// Where the answers of one ranker or one run under one seed lie: evaluation.json and ranks.parquet.
struct StoredResult {
  Path folder;
  std::string name;  // of the variant or ranker
  bool run = false;  // answers of a trained model and its mixes, not of a ranker that learns no vectors
  uint64_t seed = 0;
};

/// How well a run guessed its validation cases after so many epochs.
struct CurvePoint {
  double epochs = 0, ndcg_10 = 0;
};

/// One table over many runs. `evaluation` has a row per ranker, each averaged over its seeds, and no pairs: they are in the
/// families.
struct Comparison {
  Evaluation evaluation;
  std::vector<uint64_t> seeds;
  std::map<std::string, std::map<uint64_t, std::map<std::string, double>>> by_seed;  // of each ranker the tested metrics
  std::map<std::string, std::string> variant_of;                // of each trained ranker
  std::vector<Family> families;
  std::vector<FailedRun> failed;
  int64_t asked = 0;  // runs and rankers, each under each seed, that the table is to be of
  std::map<std::string, std::string> settings;  // of each variant, in words
  std::map<std::string, Cost> cost;                       // of one seed of each variant and of each ranker that learns no vectors, the mean
  std::map<std::string, std::vector<CurvePoint>> curves;  // of each variant, the mean over its seeds
  std::vector<Audit> recorded;  // results of others, under their own protocols
};

struct ComparisonOptions {
  uint64_t seed = 1;  // of the bootstrap
  int64_t resamples = 1000;
  bool everything = false;  // all tracks as candidates, not the catalogue
  std::vector<std::string> metrics{"ndcg@10", "recall@10"};  // that are tested
  std::vector<Factor> factors = {};                                // that were varied
  std::map<std::string, std::vector<std::string>> values = {};  // of every factor, of each variant that is a cell of the grid
};

/// So many seeds a claim needs.
inline constexpr int64_t seeds_of_a_claim = 5;

/// Reads the results one by one and averages. Throws Error where they are of different protocols, of other questions, or
/// there is none.
Comparison compare_results(const std::vector<StoredResult>& results, const std::vector<uint64_t>& seeds, const Questions& questions,
                           const ComparisonOptions& options);

}  // namespace segue
