#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>

#include "core/tensor.h"
#include "layers/dropout.h"

namespace segue {

/// Scaled dot-product attention with several heads (Vaswani et al., 2017, arXiv:1706.03762), queries, keys and values
/// projected from `width` to `width`.
class Attention : public torch::nn::Module {
 public:
  Attention(int64_t width, int64_t heads);

  /// queries_from, rest_from float [B, T, D]. Either causal (padding, on the right, is then never seen), or with
  /// `visible` bool [B, T], the keys that may be seen.
  Tensor forward(const Tensor& queries_from, const Tensor& rest_from, bool causal, const Tensor& visible = {});

 private:
  Tensor split(const Tensor& x) const;

  int64_t heads_;
  torch::nn::Linear q_, k_, v_, out_;
};

}  // namespace segue
