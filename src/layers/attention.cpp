#include "layers/attention.h"

#include <ATen/ops/scaled_dot_product_attention.h>

namespace segue {

Attention::Attention(int64_t width, int64_t heads)
    : heads_(heads),
      q_(register_module("q", torch::nn::Linear(width, width))),
      k_(register_module("k", torch::nn::Linear(width, width))),
      v_(register_module("v", torch::nn::Linear(width, width))),
      out_(register_module("out", torch::nn::Linear(width, width))) {
  TORCH_CHECK(heads > 0 && width % heads == 0, "Attention: width ", width, " can't be split into ", heads, " heads");
}

/// [B, T, D] → [B, heads, T, D / heads]
Tensor Attention::split(const Tensor& x) const { return x.view({x.size(0), x.size(1), heads_, -1}).transpose(1, 2); }

Tensor Attention::forward(const Tensor& queries_from, const Tensor& rest_from, bool causal, const Tensor& visible) {
  const Tensor mask = visible.defined() ? visible.unsqueeze(1).unsqueeze(1) : Tensor();  // [B, 1, 1, T]
  const Tensor seen = at::scaled_dot_product_attention(split(q_(queries_from)), split(k_(rest_from)), split(v_(rest_from)),
                                                       mask.defined() ? std::optional<Tensor>(mask) : std::nullopt, 0.0, causal);
  return out_(seen.transpose(1, 2).reshape(queries_from.sizes()));
}

}  // namespace segue
