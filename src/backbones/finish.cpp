#include "backbones/finish.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "core/error.h"

namespace segue {

void Finish::Options::check() const {
  if (!(weight >= 0 && std::isfinite(weight))) throw Error("finish.weight: {}; 0 (off) or more is wanted, 1 as much as the objective", weight);
  if (!(share > 0 && share <= 1)) throw Error("finish.share: {}; a completion above 0, up to 1, is wanted", share);
  if (!(in_score >= 0 && std::isfinite(in_score))) throw Error("finish.in_score: {}; 0 (off) or more is wanted", in_score);
  if (in_score > 0 && weight == 0) throw Error("finish.in_score: {} of what is not learned; a finish.weight above 0 would work", in_score);
}

// A step of Adam moves every parameter as far. Of numbers of vectors of length 1 the sizes add up to .8 √W, those of the products of
// two to .64 W: with these factors a step moves the odds as far at any width, and at 64 as far as it does a score (20 times a cosine).
Finish::Finish(const Options& options, int64_t width, bool unit)
    : options_(options),
      of_pair_(unit ? 20 * 64 / static_cast<double>(width) : 1),
      of_one_(unit ? 20 * 8 / std::sqrt(static_cast<double>(width)) : 1),
      pair_(register_parameter("pair", at::zeros({width, width}))),
      item_(register_parameter("item", at::zeros({width}))),
      state_(register_parameter("state", at::zeros({width}))),
      base_(register_parameter("base", at::zeros({1}))) {}

Tensor Finish::log_odds(const Tensor& states, const Tensor& items) const {
  return (at::matmul(states, pair_) * items).sum(-1) * of_pair_ + (at::matmul(items, item_) + at::matmul(states, state_)) * of_one_ + base_;
}

Tensor Finish::loss(const Tensor& states, const Tensor& items, const Tensor& completion) const {
  const auto as_numbers = [&](const Tensor& flags) { return flags.to(states.scalar_type()); };
  const Tensor finished = as_numbers(completion.ge(options_.share)), known = as_numbers(completion.ge(0));
  return at::binary_cross_entropy_with_logits(log_odds(states, items), finished, known, {}, at::Reduction::Sum);
}

Tensor Finish::in_score(const Tensor& items) const {
  return at::cat({at::matmul(items, pair_.t()) * of_pair_, at::matmul(items, item_).unsqueeze(1) * of_one_}, 1) * options_.in_score;
}

}  // namespace segue
