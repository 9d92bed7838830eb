#pragma once

#include "training/sampler.h"

namespace segue {

/// Rows number, number + of, … of a batch.
struct Share {
  int64_t number = 0, of = 1;
};

/// Some rows of a step's batch, with their labels.
struct Shard {
  Batch batch;
  Tensor position;  // int64 [m] flat places b · T + t that have a label
  Tensor label;     // int64 [m] place of the track that came next
  Tensor weight;    // float [m]
  Tensor completion;  // float [m] how far it was heard, -1 where unknown
  Tensor negative;  // int64 [K] places, for all shards the same; [m] where each label has its own
};

/// What one step learns from. Its tracks are those of the whole batch, its labels and its negatives, numbered alike by
/// every process, so that gradients of their vectors can be added up.
struct Step {
  std::vector<int32_t> tracks;  // [n] of each place
  std::vector<Shard> shards;    // those of this process that have a row
  Tensor log_expected;          // float [K]
  double sampling_rate = 1, weight = 0;  // the weight and the number of all labels, other processes' too
  int64_t labels = 0, number = 0;
  int64_t completions = 0;  // labels of which it is known how far they were heard, other processes' too
};

/// Makes steps from windows.
class StepMaker {
 public:
  struct From {
    const PlayTable& table;
    const Sampler& sampler;
    const NegativeSampler& negatives;
    int64_t count;      // of negatives
    bool each_its_own;  // one negative for each label instead
  };
  StepMaker(const From& from, at::Device device) : from_(from), device_(device), tracks_(from.table.log().tracks) {}

  /// windows: of the whole batch. The step has the share `of` of its rows, cut into so many shards.
  Step make(const std::vector<Window>& windows, int64_t number, Share of, int64_t shards, uint64_t seed);

 private:
  struct Drawn {
    Sampler::Labels labels;
    std::vector<int64_t> label, negative;  // places
  };
  Shard shard(const Batch& batch, const Drawn& drawn, Share of) const;

  From from_;
  at::Device device_;
  StepTracks tracks_;
};

}  // namespace segue
