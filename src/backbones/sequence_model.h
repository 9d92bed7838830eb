#pragma once

#include <memory>

#include "backbones/backbone.h"
#include "fusion/item_vectors.h"
#include "fusion/play_vectors.h"

namespace segue {

/// Item vectors, what is told of each play, and a backbone: plays in, states out. A track's score is
/// exp(τ) · cos(state, its vector), τ learned; plain products where vectors are not of length 1.
class SequenceModel : public torch::nn::Module {
 public:
  SequenceModel(std::shared_ptr<ItemVectors> items, std::shared_ptr<PlayVectors> plays, std::shared_ptr<Backbone> backbone, bool unit);

  /// Returns float [B, T, D]; of length 1 where the vectors are.
  Tensor states(const Batch& batch, const StepVectors& vectors);
  /// What products of states and vectors are multiplied by: a scalar with gradient, at most 100.
  Tensor scale() const;

  ItemVectors& items() { return *items_; }
  const ItemVectors& items() const { return *items_; }
  std::shared_ptr<ItemVectors> shared_items() const { return items_; }
  Backbone& backbone() { return *backbone_; }

 private:
  std::shared_ptr<ItemVectors> items_;
  std::shared_ptr<PlayVectors> plays_;
  std::shared_ptr<Backbone> backbone_;
  bool unit_;
  Tensor log_scale_;
};

}  // namespace segue
