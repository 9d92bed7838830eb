#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "evaluation/finish.h"
#include "evaluation/summary.h"
#include "ranking/ranker.h"
#include "sessions/prepared.h"

namespace segue {

/// A ranker that was learned elsewhere; it wants to know all questions beforehand.
struct TrainedRanker {
  std::string name;
  bool mixed = false;  // made of others in the table
  std::function<std::unique_ptr<Ranker>(const std::vector<Asked>&)> make = {};
  /// Instead, for one that scores candidates only: [questions] of each.
  std::function<std::unique_ptr<Ranker>(const std::vector<Asked>&, const std::vector<std::vector<int32_t>>& candidates)> make_among = {};
  bool is_chance = false;  // a random order of all tracks, much the same for everyone
  /// How well it tells which plays of cases are finished; empty where it says nothing of the kind.
  std::function<FinishResult(std::span<const Case>)> finish = {};
};

struct EvaluateOptions {
  std::vector<std::string> rankers;  // names of rankers()
  std::vector<TrainedRanker> trained = {};
  Part part = Part::test;            // val or test
  std::function<bool(int32_t)> about = {};  // number of a listener: whose cases are asked; empty: everyone's
  std::optional<Ties> ties = {};     // the protocol's where absent
  uint64_t seed = 1;
  int64_t cases = 0;      // at most, evenly spread; 0: all
  bool among_unplayed = false;  // candidates: instead of the catalogue the tracks that nobody plays in train
  int64_t negatives = 0;  // of `sampled`; 0: the lists of the protocol where it has them, else the whole catalogue
  int64_t resamples = 1000;
  std::vector<Case> whole = {};  // of the part, as Questions has it
  std::string known = {};        // how much of a listener is known, behind how the log was split; empty: all
};

/// The same cases asked of every ranker, told for two sets of candidates.
struct EvaluateResult {
  Evaluation catalogue;                  // the headline; where the protocol or the options sample, among the samples
  std::optional<Evaluation> everything;  // all tracks of the log; absent where candidates are sampled
  std::vector<std::pair<std::string, FinishResult>> finish;  // by name of the ranker, of those that say it
};

/// Reads the log from left to right with each ranker, fitted on train, asks every case of the part, and sums up.
/// ranks: if not empty, a Parquet file with a row per case and ranker is written there.
/// Throws Error if the part has no case.
EvaluateResult evaluate(const Prepared& prepared, const EvaluateOptions& options, const Path& ranks = {});

/// {…the document of the catalogue…, everything: {…}, finish: {RANKER: {…}}}; absent what there is not.
std::string evaluation_json(const EvaluateResult& result);

}  // namespace segue
