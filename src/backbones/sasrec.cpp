#include "backbones/sasrec.h"

#include <ATen/ops/randn.h>
#include <ATen/ops/relu.h>

#include <cmath>

#include "layers/rows.h"

namespace segue {
namespace {

torch::nn::LayerNorm norm_of(int64_t width) { return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}).eps(1e-8)); }

}  // namespace

SasRec::Block::Block(int64_t width, int64_t heads)
    : attn_norm(register_module("attn_norm", norm_of(width))),
      ffn_norm(register_module("ffn_norm", norm_of(width))),
      attn(register_module("attn", std::make_shared<Attention>(width, heads))),
      inner(register_module("inner", torch::nn::Linear(width, width))),
      outer(register_module("outer", torch::nn::Linear(width, width))) {}

Tensor SasRec::Block::forward(const Tensor& x, Noise* noise, double chance) {
  const Tensor queries = attn_norm(x);
  const Tensor seen = queries + dropout(attn->forward(queries, x, true), noise, chance);
  const Tensor y = ffn_norm(seen);
  return y + dropout(outer(dropout(at::relu(inner(y)), noise, chance)), noise, chance);
}

SasRec::SasRec(const Options& options, const BackboneSizes& sizes)
    : options_(options), width_(sizes.width), last_norm_(register_module("last_norm", norm_of(sizes.width))) {
  positions_ = register_parameter("positions", at::randn({sizes.length + 1, sizes.width}) * 0.02);
  for (int64_t b = 0; b < options.blocks; ++b) {
    blocks_.push_back(register_module("blocks_" + std::to_string(b), std::make_shared<Block>(sizes.width, options.heads)));
  }
}

Tensor SasRec::forward(const Batch& batch, const Tensor& plays) {
  Tensor x = plays * std::sqrt(static_cast<double>(width_)) + rows_of(positions_, batch.slot + 1);
  x = dropout(x, batch.noise.get(), options_.dropout);
  for (const auto& block : blocks_) x = block->forward(x, batch.noise.get(), options_.dropout);
  return last_norm_(x);
}

}  // namespace segue
