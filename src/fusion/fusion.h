#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "core/registry.h"
#include "core/tensor.h"

namespace segue {

/// All that is known of some tracks. Places without something to tell are told apart by `known`, never by zeros.
struct TrackParts {
  Tensor id;                   // float [n, D] of the track itself; 0 where it has none
  Tensor signals;              // float [n, S, D] each brought to D numbers; where nothing is known, a learned vector for that
  Tensor known;                // float [n, S] 1 where known
  std::vector<Tensor> stored;  // S × float [n, D_s] as the stores have them, 0 where nothing is known; for faithful ones only
};

/// Several vectors of a track become one.
///
/// What content says is a vector of a learned length, and the id comes on top of it, so a track with an id of 0 is its
/// content. With `faithful` the same row is the paper's formula as it was published: over the vectors as they are stored, the
/// id one of them, without a mask, and without an id that could be left out.
class Fusion : public torch::nn::Module {
 public:
  struct Options {
    bool faithful = false;  // concat, cross_attention, film, weighted_sum: as the paper has them
    bool beside = false;    // content stands beside the id, with numbers of its own, so vectors are twice as wide; else on top of it
    int64_t heads = 4;      // cross_attention; fewer where they don't divide the width
    double drop = 0.1;      // chance that a signal of a track is not heard in a step of training
    double drop_id = 0;     // chance that its id is not, so that content learns to stand alone
    bool guard = true;      // parts of tracks that are not worth hearing on validation are not heard; else all are
    template <class V>
    void fields(V&& field) {
      field("faithful", faithful);
      field("beside", beside);
      field("heads", heads);
      field("drop", drop);
      field("drop_id", drop_id);
      field("guard", guard);
    }
  };
  virtual Tensor forward(const TrackParts& parts) = 0;  // float [n, width()]
  virtual int64_t width() const = 0;
};

/// Sizes that come from elsewhere.
struct FusionSizes {
  int64_t width = 64;            // D
  std::vector<int64_t> stored;   // [S] D_s
};
using MakeFusion = std::shared_ptr<Fusion> (*)(const Fusion::Options& options, const FusionSizes& sizes);
/// Throws Error where a row has no faithful form.
const Registry<MakeFusion>& fusions();

}  // namespace segue
