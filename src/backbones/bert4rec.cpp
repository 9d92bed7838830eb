#include "backbones/bert4rec.h"

#include <ATen/ops/gelu.h>
#include <ATen/ops/randn.h>

#include "layers/rows.h"

namespace segue {
namespace {

torch::nn::LayerNorm norm_of(int64_t width) { return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}).eps(1e-12)); }

}  // namespace

Bert4Rec::Block::Block(int64_t width, int64_t heads)
    : attn(register_module("attn", std::make_shared<Attention>(width, heads))),
      attn_norm(register_module("attn_norm", norm_of(width))),
      ffn_norm(register_module("ffn_norm", norm_of(width))),
      inner(register_module("inner", torch::nn::Linear(width, 4 * width))),
      outer(register_module("outer", torch::nn::Linear(4 * width, width))) {}

Tensor Bert4Rec::Block::forward(const Tensor& x, const Tensor& visible, Noise* noise, double chance) {
  const Tensor y = attn_norm(x + dropout(attn->forward(x, x, false, visible), noise, chance));
  return ffn_norm(y + dropout(outer(at::gelu(inner(y))), noise, chance));
}

Bert4Rec::Bert4Rec(const Options& options, const BackboneSizes& sizes)
    : options_(options),
      emb_norm_(register_module("emb_norm", norm_of(sizes.width))),
      head_norm_(register_module("head_norm", norm_of(sizes.width))),
      head_(register_module("head", torch::nn::Linear(sizes.width, sizes.width))) {
  positions_ = register_parameter("positions", at::randn({sizes.length, sizes.width}) * 0.02);
  for (int64_t b = 0; b < options.blocks; ++b) {
    blocks_.push_back(register_module("blocks_" + std::to_string(b), std::make_shared<Block>(sizes.width, options.heads)));
  }
}

Tensor Bert4Rec::forward(const Batch& batch, const Tensor& plays) {
  Noise* noise = batch.noise.get();
  Tensor x = dropout(emb_norm_(plays + rows_of(positions_, batch.slot)), noise, options_.dropout);
  for (const auto& block : blocks_) x = block->forward(x, batch.played, noise, options_.dropout);
  return head_norm_(at::gelu(head_(x)));
}

}  // namespace segue
