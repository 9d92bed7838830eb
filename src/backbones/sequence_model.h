#pragma once

#include <memory>

#include "backbones/backbone.h"
#include "backbones/finish.h"
#include "fusion/item_vectors.h"
#include "fusion/play_vectors.h"

namespace segue {

/// Item vectors, what is told of each play, and a backbone: plays in, states out. A track's score is
/// exp(τ) · cos(state, its vector), τ learned; plain products where vectors are not of length 1. The vectors are those that
/// are read, or others of its own (`head`), as E4SRec has them.
class SequenceModel : public torch::nn::Module {
 public:
  struct Parts {
    std::shared_ptr<ItemVectors> items;
    std::shared_ptr<PlayVectors> plays;
    std::shared_ptr<Backbone> backbone;
    std::shared_ptr<ItemVectors> head = nullptr;  // null where tracks are scored by the vectors that are read
    std::shared_ptr<Finish> finish = nullptr;     // null where nothing is said of how far a play will be heard
  };
  SequenceModel(Parts parts, bool unit);

  /// vectors: of the tracks that are read. Returns float [B, T, W]; of length 1 where the vectors are.
  Tensor states(const Batch& batch, const StepVectors& vectors);
  /// At some places, int64 [m] of b · T + t: float [m, W].
  Tensor states_at(const Batch& batch, const StepVectors& vectors, const Tensor& places);
  /// After the last play of each row, from what is recollected (Backbone::go_on): float [B, W].
  Tensor go_on(const Batch& batch, const StepVectors& vectors, std::span<Recollection* const> rows);
  /// What products of states and vectors are multiplied by: a scalar with gradient, at most 100.
  Tensor scale() const;

  ItemVectors& items() { return *items_; }
  const ItemVectors& items() const { return *items_; }
  std::shared_ptr<ItemVectors> shared_items() const { return items_; }
  /// The vectors that states are scored against, [N, W]: the head's, or those that are read.
  ItemVectors& scored() { return head_ == nullptr ? *items_ : *head_; }
  const std::shared_ptr<ItemVectors>& head() const { return head_; }  // null where there is none
  const std::shared_ptr<Finish>& finish() const { return finish_; }   // null where there is none; of states and scored vectors
  Backbone& backbone() { return *backbone_; }
  /// Parameters of all that reads and scores vectors; those that make them are left out.
  std::vector<Tensor> reading_parameters() const;

 private:
  std::shared_ptr<ItemVectors> items_;
  std::shared_ptr<PlayVectors> plays_;
  std::shared_ptr<Backbone> backbone_;
  std::shared_ptr<ItemVectors> head_;
  std::shared_ptr<Finish> finish_;
  bool unit_;
  Tensor log_scale_;
};

}  // namespace segue
