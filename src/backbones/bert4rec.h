#pragma once

#include <vector>

#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include "backbones/backbone.h"
#include "layers/attention.h"

namespace segue {

/// BERT4Rec (Sun et al., 2019, arXiv:1904.06690): every position sees the whole window, plays are hidden and guessed;
/// in use the last position is the hidden one. Differs: no bias per track in the output, for a new track would have
/// none; attention weights are not dropped out.
class Bert4Rec : public Backbone {
 public:
  struct Options {
    int64_t blocks = 2;
    int64_t heads = 2;
    double dropout = 0.1;
    template <class V>
    void fields(V&& field) {
      field("blocks", blocks);
      field("heads", heads);
      field("dropout", dropout);
    }
  };
  Bert4Rec(const Options& options, const BackboneSizes& sizes);
  Tensor forward(const Batch& batch, const Tensor& plays) override;
  bool causal() const override { return false; }

 private:
  struct Block : torch::nn::Module {
    Block(int64_t width, int64_t heads);
    Tensor forward(const Tensor& x, const Tensor& visible, Noise* noise, double chance);
    std::shared_ptr<Attention> attn;
    torch::nn::LayerNorm attn_norm, ffn_norm;
    torch::nn::Linear inner, outer;
  };

  Options options_;
  Tensor positions_;  // [length, D]
  torch::nn::LayerNorm emb_norm_, head_norm_;
  torch::nn::Linear head_;
  std::vector<std::shared_ptr<Block>> blocks_;
};

}  // namespace segue
