#pragma once

#include "training/configuration.h"
#include "training/step.h"

namespace segue {

/// Works out the gradient of a step: each shard by a replica of the model that shares its weights and has its own
/// gradients, on one thread; then all are summed in the order of shards. So the bits depend on the number of shards and
/// not on that of threads.
class Shards {
 public:
  Shards(SequenceModel& model, const Configuration& configuration, const Objective& objective, int64_t count);

  /// Of the step's tracks, or their gradient.
  struct Vectors {
    Tensor read;    // float [n, D]
    Tensor scored;  // float [n, W] where they are others, else undefined
  };
  struct Gradient {
    double loss = 0;  // the weighted sum of the losses of these shards, that of Finish with it
    Tensor weights;   // float [P] of all parameters that read vectors, laid end to end; the model's gradients look into it
    Vectors vectors;
  };
  /// Of loss / step.weight. vectors: without gradient.
  Gradient of(const Step& step, const Vectors& vectors);
  int64_t count() const { return std::ssize(replicas_); }

 private:
  struct Replica {
    std::shared_ptr<SequenceModel> model;
    Tensor gradient;  // float [P]
    std::vector<StepVectors::Taken> taken, scored;
    std::vector<Tensor> preface;  // leaves: what the model read for all
    double loss = 0;
  };
  void read(size_t shard, const Step& step, const Vectors& vectors, const std::vector<Tensor>& preface);

  void learn_preface(const std::vector<Tensor>& preface, int64_t shards);

  SequenceModel& model_;
  const Objective& objective_;
  std::vector<Replica> replicas_;
  Tensor gradient_;  // float [P]
};

}  // namespace segue
