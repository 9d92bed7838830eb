#include "training/sampled_softmax.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "training/softmax_kernels.h"

namespace segue {
namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();

/// Everything that a tile needs. K is rounded up to whole lanes: the rows behind are zeros of which nothing is expected.
struct Problem {
  Tensor states, right, negatives;  // [M, D] [M, D] [K, D], contiguous
  Tensor less;                      // [K] ln of the expected count; infinite where there is no negative
  const float* weight = nullptr;
  const int64_t* label = nullptr;
  std::vector<int64_t> first, next;  // column of a place among the negatives, and of the same place after it; -1: none
  float scale = 1;

  Tensor slope_states, slope_right, slope_negatives;
  double loss = 0, slope_of_scale = 0;
};

/// Rows [begin, end) of the loss: what a row's exponentials must be multiplied by to be chances times weight, and the
/// slope of the label's product.
struct Rows {
  int64_t begin, end;
  std::vector<float> factor, own_slope;
};

/// Products → exponentials, in place, with what else a row gives.
void read_rows(Problem& p, Tensor& products, Rows& rows) {
  const auto& kernels = softmax_kernels();
  const int64_t D = p.states.size(1), K = p.negatives.size(0);
  const float* x = p.states.const_data_ptr<float>() + rows.begin * D;
  const float* right = p.right.const_data_ptr<float>() + rows.begin * D;
  float* slope_right = p.slope_right.mutable_data_ptr<float>() + rows.begin * D;
  float* row = products.mutable_data_ptr<float>();
  for (int64_t m = rows.begin; m < rows.end; ++m, x += D, right += D, slope_right += D, row += K) {
    // A label is never among its own negatives.
    const auto label = static_cast<size_t>(p.label[m]);
    for (int64_t k = label < p.first.size() ? p.first[label] : -1; k >= 0; k = p.next[static_cast<size_t>(k)]) row[k] = -infinite;
    const float product = kernels.dot(x, right, D), own = product * p.scale, weight = p.weight[m];
    const auto [most, others] = kernels.exponentials(row, p.less.const_data_ptr<float>(), K, p.scale, own);
    const float mine = std::exp(own - most), sum = others + mine, slope = weight * (mine / sum - 1);
    p.loss += static_cast<double>(weight) * (static_cast<double>(most) + std::log(static_cast<double>(sum)) - static_cast<double>(own));
    p.slope_of_scale += static_cast<double>(slope) * static_cast<double>(product);
    rows.factor.push_back(weight / sum);
    rows.own_slope.push_back(slope * p.scale);
    for (int64_t d = 0; d < D; ++d) slope_right[d] = slope * p.scale * x[d];
  }
}

/// Loss, and gradients of states, right vectors and negatives of some rows.
void do_tile(Problem& p, int64_t begin, int64_t end, const Tensor& tile, const Tensor& weighed) {
  Rows rows{begin, end, {}, {}};
  const int64_t count = end - begin, D = p.states.size(1);
  const Tensor states = p.states.narrow(0, begin, count);
  Tensor products = tile.narrow(0, 0, count), slopes = p.slope_states.narrow(0, begin, count), scaled = weighed.narrow(0, 0, count);
  at::mm_out(products, states, p.negatives.t());
  read_rows(p, products, rows);
  at::mm_out(slopes, products, p.negatives);  // Σ_k exponential · negative
  const float* x = states.const_data_ptr<float>();
  const float* right = p.right.const_data_ptr<float>() + begin * D;
  float* slope = slopes.mutable_data_ptr<float>();
  float* out = scaled.mutable_data_ptr<float>();
  for (int64_t r = 0; r < count; ++r, x += D, right += D, slope += D, out += D) {
    const float factor = rows.factor[static_cast<size_t>(r)], own_slope = rows.own_slope[static_cast<size_t>(r)];
    // Σ_k chance · product: what the scale gets from the negatives
    p.slope_of_scale += static_cast<double>(softmax_kernels().dot(slope, x, D)) * static_cast<double>(factor);
    for (int64_t d = 0; d < D; ++d) slope[d] = slope[d] * (factor * p.scale) + own_slope * right[d];
    for (int64_t d = 0; d < D; ++d) out[d] = x[d] * factor;
  }
  p.slope_negatives.addmm_(products.t(), scaled, 1, p.scale);
}

void solve(Problem& p) {
  const at::NoGradGuard no_grad;
  const int64_t M = p.states.size(0), K = std::max<int64_t>(p.negatives.size(0), 1), D = p.states.size(1);
  p.slope_states = at::empty_like(p.states);
  p.slope_right = at::empty_like(p.right);
  p.slope_negatives = at::zeros_like(p.negatives);
  // A tile stays in the cache if it can, but each costs a pass over the negatives and their gradient.
  const int64_t rows = std::clamp<int64_t>(std::max<int64_t>((1 << 16) / K, std::min<int64_t>(64, (1 << 22) / K)), 8, 256);
  const Tensor tile = at::empty({rows, K}, p.states.options()), weighed = at::empty({rows, D}, p.states.options());
  for (int64_t begin = 0; begin < M; begin += rows) do_tile(p, begin, std::min(M, begin + rows), tile, weighed);
}

/// The negatives and their expected counts, in whole lanes.
void pad(Problem& p, const Tensor& negatives, const Tensor& negative, const Tensor& log_expected) {
  const int64_t K = negatives.size(0), padded = (K + SoftmaxKernels::lanes - 1) / SoftmaxKernels::lanes * SoftmaxKernels::lanes;
  p.negatives = padded == K ? negatives.contiguous() : at::cat({negatives, at::zeros({padded - K, negatives.size(1)}, negatives.options())});
  p.less = at::full({padded}, infinite, negatives.options());
  if (log_expected.numel() == 0) p.less.narrow(0, 0, K).zero_();
  else p.less.narrow(0, 0, K).copy_(log_expected);
  const auto* const place = negative.const_data_ptr<int64_t>();
  p.first.assign(static_cast<size_t>(K == 0 ? 0 : *std::max_element(place, place + K) + 1), -1);
  for (int64_t k = 0; k < K; ++k) p.next.push_back(std::exchange(p.first[static_cast<size_t>(place[k])], k));
}

class FusedSoftmax : public torch::autograd::Function<FusedSoftmax> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& states, const Tensor& right, const Tensor& negatives,
                        const Tensor& scale, const Tensor& weight, const Tensor& label, const Tensor& negative, const Tensor& log_expected) {
    const Tensor weights = weight.contiguous(), labels = label.contiguous(), drawn = negative.contiguous();
    Problem p;
    p.states = states.contiguous();
    p.right = right.contiguous();
    p.weight = weights.const_data_ptr<float>();
    p.label = labels.const_data_ptr<int64_t>();
    p.scale = scale.item<float>();
    pad(p, negatives, drawn, log_expected);
    solve(p);
    const auto number = states.options();
    context->save_for_backward({p.slope_states, p.slope_right, p.slope_negatives.narrow(0, 0, negatives.size(0)), at::full({}, p.slope_of_scale, number)});
    return at::full({}, p.loss, number);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list slopes) {
    const auto saved = context->get_saved_variables();
    const Tensor& by = slopes[0];
    return {saved[0] * by, saved[1] * by, saved[2] * by, saved[3] * by, {}, {}, {}, {}};
  }
};

}  // namespace

Tensor plain_softmax_loss(const Targets& t) {
  const Tensor own = (t.states * t.rows(t.label)).sum(-1, true) * t.scale;            // [M, 1]
  Tensor others = at::matmul(t.states, t.rows(t.negative).t()) * t.scale;             // [M, K]
  if (t.log_expected.defined()) others = others - t.log_expected;
  others = others.masked_fill(t.negative.unsqueeze(0).eq(t.label.unsqueeze(1)), -infinite);
  const Tensor losses = at::cat({own, others}, 1).logsumexp({1}) - own.squeeze(1);
  return (losses * t.weight).sum();
}

Tensor fused_softmax_loss(const Targets& t) {
  const Tensor expected = t.log_expected.defined() ? t.log_expected : at::empty({0}, t.states.options());
  return FusedSoftmax::apply(t.states, t.rows(t.label), t.rows(t.negative), t.scale,
                             t.weight, t.label, t.negative, expected);
}

}  // namespace segue
