#pragma once

#include <torch/nn/module.h>

#include "fusion/batch.h"
#include "fusion/step_vectors.h"

namespace segue {

/// What a backbone reads of each play: the vector of its track, and what else is known when the next question is asked.
/// Every input starts at nothing (or near it), so that a model begins as the published one and can only be better for it.
class PlayVectors : public torch::nn::Module {
 public:
  struct Options {
    bool gap = true;          // how long ago the play ended, in steps of a factor 2^(1/2)
    bool session = true;      // it opened a session
    bool completion = true;   // how far it was heard, and how that is known
    bool stopped = false;     // it is known to have been stopped early on, which says more than how little was heard
    bool followed = true;     // what followed this track the last times, in the listener's whole log
    int64_t followed_places = 3;
    template <class V>
    void fields(V&& field) {
      field("gap", gap);
      field("session", session);
      field("completion", completion);
      field("stopped", stopped);
      field("followed", followed);
      field("followed_places", followed_places);
    }
  };
  PlayVectors(const Options& options, int64_t width);

  /// Returns float [B, T, D]. Hidden plays all have the same learned vector, and what followed the play before them.
  Tensor forward(const Batch& batch, const StepVectors& vectors);

  static constexpr int64_t gap_steps = 64;
  /// A play whose played time the log has was stopped early on below this: so little is heard of what was skipped, and further on
  /// `completion` says how much. Gaps between plays tell too little of a start to say so.
  static constexpr double stopped_below = 0.25;
  /// int64, of seconds: 0 for a second or less, up to gap_steps - 1.
  static Tensor gap_step(const Tensor& gap_s);

 private:
  Tensor completions(const Batch& batch) const;

  Options options_;
  Tensor hidden_, gap_, session_, kind_, heard_, stopped_, followed_;
};

}  // namespace segue
