#pragma once

#include <vector>

#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include "backbones/backbone.h"
#include "layers/attention.h"

namespace segue {

/// Self-attentive sequential recommendation (Kang & McAuley, 2018, arXiv:1808.09781), as published: queries are
/// normalised, keys and values are not, and what attention adds is added to the normalised queries.
/// Differs: padding stands on the right and is never attended to, so positions are counted from the first play of a window
/// (there from the end: the same where windows are full); attention weights are not dropped out.
class SasRec : public Backbone {
 public:
  struct Options {
    int64_t blocks = 2;
    int64_t heads = 2;
    double dropout = 0.2;  // chance that a number is zeroed while training
    template <class V>
    void fields(V&& field) {
      field("blocks", blocks);
      field("heads", heads);
      field("dropout", dropout);
    }
  };
  SasRec(const Options& options, const BackboneSizes& sizes);
  Tensor forward(const Batch& batch, const Tensor& plays) override;

 private:
  struct Block : torch::nn::Module {
    Block(int64_t width, int64_t heads);
    Tensor forward(const Tensor& x, Noise* noise, double chance);
    torch::nn::LayerNorm attn_norm, ffn_norm;
    std::shared_ptr<Attention> attn;
    torch::nn::Linear inner, outer;
  };

  Options options_;
  int64_t width_;
  Tensor positions_;  // [1 + length, D]; row 0 is that of padding, as in the published weights
  std::vector<std::shared_ptr<Block>> blocks_;
  torch::nn::LayerNorm last_norm_;
};

}  // namespace segue
