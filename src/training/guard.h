#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "evaluation/finish.h"
#include "training/run.h"

namespace segue {

/// What a run ships is what recommends: the mix of the model with the counters, if it is better than both of them.
struct Shipped {
  std::string what = "model";  // mix, model or counters
  std::string reason;          // in words
  Evaluation evaluation;       // on the guard's cases; empty where there was nothing to choose from
};

/// Which parts of tracks a model is to hear.
struct PartsChoice {
  HeardParts parts;
  std::string name;       // everything, id alone, content alone, without SIGNAL
  std::string reason;     // in words
  Evaluation evaluation;  // on the guard's cases
};

/// Judges a model with content by ndcg@10 among all tracks, on the guard's validation cases, beside the same model that does not
/// hear the id, one of the signals, or any of them. It hears everything where that is ahead of the best of these with an
/// interval that excludes 0; else it hears what the best one hears. The model hears everything again afterwards.
PartsChoice best_parts(const Prepared& prepared, SequenceModel& model, const PlayTable& table, const Configuration& configuration, uint64_t seed);

nlohmann::ordered_json to_json(const HeardParts& parts);
HeardParts parts_of(const nlohmann::ordered_json& json);

/// Judges a run by ndcg@10 on the validation cases of the listeners that did not stop its learning. The mix ships where it
/// is ahead of its better part with an interval that excludes 0; else that part does.
Shipped guard(const Prepared& prepared, const Run& run, uint64_t seed);

/// What a run with `finish` says on the guard's validation cases.
FinishResult guarded_finish(const Prepared& prepared, const Run& run, uint64_t seed);

}  // namespace segue
