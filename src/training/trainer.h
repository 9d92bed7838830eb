#pragma once

#include <functional>
#include <optional>
#include <string>

#include "ranking/scores.h"
#include "training/processes.h"
#include "training/shards.h"

namespace segue {

/// How well the next track is guessed, over the whole catalogue.
struct Validation {
  double ndcg_10 = 0, recall_10 = 0;
  int64_t cases = 0;
};

/// Learns one model from one log, and can be stopped and taken up again at any moment with equal bits.
class Trainer {
 public:
  struct Place {
    Path folder;  // for checkpoint.safetensors and log.ndjson
    std::string fingerprint;  // of the data, the configuration and the seed: a checkpoint of another is refused
    const Processes* processes = nullptr;  // that learn this model together; only the first uses the folder
  };
  /// cases: of validation, for early stopping. ranked: the catalogue they are judged over.
  Trainer(SequenceModel& model, const PlayTable& table, std::span<const Case> cases, const Catalogue& ranked,
          const Configuration& configuration, uint64_t seed, at::Device device, Place place);

  /// Goes on from the checkpoint in the folder if there is one, to the end. The model then has the weights of the best
  /// validation. Throws Error if a loss is no number: the last good checkpoint stays; and where another process has ended.
  void learn();
  /// For tests: learn() returns after so many steps of this process, as if it had been killed; -1: it does not.
  void stop_after(int64_t steps) { left_ = steps; }

  const Validation& best() const { return best_; }
  int64_t steps() const { return step_; }
  double seconds() const { return seconds_; }  // of learning, validation not counted

 private:
  struct Batches {
    int64_t epoch = -1;
    std::vector<std::vector<Window>> all;
  };
  const std::vector<std::vector<Window>>& epoch(int64_t number);
  double take_step(const std::vector<Window>& windows);
  Tensor moved(const ItemVectors::Drawn& items, const std::vector<int32_t>& tracks) const;
  double epochs_done() const;
  double rate() const;
  /// Adds up the gradients and the loss over all processes.
  void sum(Shards::Gradient& gradient) const;
  Validation validate();
  void judge();
  bool resume();
  std::string read_checkpoint();
  void save(bool best);
  void log(const std::string& line) const;
  NamedTensors checkpoint() const;

  SequenceModel& model_;
  const PlayTable& table_;
  std::vector<Case> cases_;
  const Catalogue& ranked_;
  const Configuration& configuration_;
  uint64_t seed_;
  Place place_;
  Processes alone_;
  const Processes& processes_;
  Sampler sampler_;
  std::vector<uint8_t> labelled_;  // [N]
  std::unique_ptr<Objective> objective_;
  NegativeSampler negatives_;
  Adam adam_;
  StepMaker maker_;
  Shards shards_;
  Batches batches_;

  int64_t left_ = -1;
  int64_t epoch_ = 0, in_epoch_ = 0, step_ = 0, worse_ = 0;
  double seconds_ = 0, loss_ = 0, labels_ = 0, seen_ = 0;
  Validation best_;
};

}  // namespace segue
