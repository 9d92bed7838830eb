#pragma once

#include <torch/nn/module.h>

#include "core/tensor.h"

namespace segue {

/// A second answer of a state, beside which track comes next: will its play be finished? The log-odds of that,
/// a · state · M item + b · (u · item + v · state) + c, are a product of vectors, so that they can be had for all tracks at
/// once. M, u, v and c are learned and begin at 0: even odds; a and b are fixed, so that they learn fast enough.
class Finish : public torch::nn::Module {
 public:
  struct Options {
    double weight = 0;    // of this loss, a mean, beside that of the objective; 0: nothing of the kind is learned
    double share = 0.9;   // a play is finished from this completion on
    double in_score = 0;  // what the log-odds count in a track's score
    template <class V>
    void fields(V&& field) {
      field("weight", weight);
      field("share", share);
      field("in_score", in_score);
    }
    /// Throws Error on what can't be.
    void check() const;
  };
  /// width: W, of states and of the vectors by which tracks are scored. unit: these have length 1.
  Finish(const Options& options, int64_t width, bool unit);

  /// states, items: float [m, W], a play each. Returns float [m].
  Tensor log_odds(const Tensor& states, const Tensor& items) const;
  /// −ln of the chance of what became of each play, summed over those of which it is known: a scalar with gradient.
  /// completion: float [m], -1 where unknown.
  Tensor loss(const Tensor& states, const Tensor& items, const Tensor& completion) const;
  /// What the log-odds of each track add to its score, as float [N, W + 1] to be multiplied by [state, 1]. Without v · state
  /// and c, which are the same for all tracks.
  Tensor in_score(const Tensor& items) const;

  const Options& options() const { return options_; }

 private:
  Options options_;
  double of_pair_, of_one_;  // a, b
  Tensor pair_;   // M [W, W]
  Tensor item_;   // u [W]
  Tensor state_;  // v [W]
  Tensor base_;   // c [1]
};

}  // namespace segue
