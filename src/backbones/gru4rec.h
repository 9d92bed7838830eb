#pragma once

#include <torch/nn/modules/linear.h>

#include "backbones/backbone.h"

namespace segue {

/// A GRU over the plays (Hidasi et al., 2016, arXiv:1511.06939). Differs: it reads windows that cross sessions, with
/// what opens a session as an input; scores come from the shared item vectors by a projection, not an output layer.
class Gru4Rec : public Backbone {
 public:
  struct Options {
    int64_t hidden = 128;  // width of the recurrent state
    int64_t layers = 1;
    double dropout = 0.2;  // of the inputs
    template <class V>
    void fields(V&& field) {
      field("hidden", hidden);
      field("layers", layers);
      field("dropout", dropout);
    }
  };
  Gru4Rec(const Options& options, const BackboneSizes& sizes);
  Tensor forward(const Batch& batch, const Tensor& plays) override;

 private:
  Options options_;
  std::vector<Tensor> weights_;  // of each layer: weight_ih, weight_hh, bias_ih, bias_hh
  torch::nn::Linear dense_;
};

}  // namespace segue
