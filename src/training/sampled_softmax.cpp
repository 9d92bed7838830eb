#include "training/sampled_softmax.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <limits>

namespace segue {
namespace {

constexpr float never = -std::numeric_limits<float>::infinity();

/// One thread's sums; rows of the labels are written in place, those of the negatives are shared and summed at the end.
struct Share {
  double loss = 0, slope_of_scale = 0;
  Tensor negatives;  // [K, D]
};

/// Everything that a tile needs, as plain pointers.
struct Problem {
  Tensor states, right, negatives;  // [M, D] [M, D] [K, D], contiguous
  const float* weight;
  const int64_t *label, *negative;
  const float* log_expected;  // [K] or null
  float scale;
  Tensor slope_states, slope_right;  // [M, D]

  int64_t K() const { return negatives.size(0); }
  int64_t D() const { return states.size(1); }
};

/// Turns products of one row with the negatives into chances times weight, in place; returns the label's own.
float chances_of_row(const Problem& p, int64_t m, float own, float* row, Share& share) {
  const int64_t K = p.K();
  float most = own;
  for (int64_t k = 0; k < K; ++k) {
    float product = row[k] * p.scale;
    if (p.log_expected != nullptr) product -= p.log_expected[k];
    row[k] = p.negative[k] == p.label[m] ? never : product;
    most = std::max(most, row[k]);
  }
  Tensor all = at::from_blob(row, {K}, at::TensorOptions(at::kFloat));
  all.sub_(most).exp_();
  const float others = all.sum().item<float>(), mine = std::exp(own - most), sum = others + mine;
  const float weight = p.weight[m];
  share.loss += static_cast<double>(weight) * (static_cast<double>(most) + std::log(static_cast<double>(sum)) - static_cast<double>(own));
  all.mul_(weight / sum);
  return weight * (mine / sum - 1);
}

/// Rows [begin, end): loss, and gradients of states, right vectors and negatives.
void do_tile(const Problem& p, int64_t begin, int64_t end, Tensor& tile, Share& share) {
  const int64_t rows = end - begin, D = p.D();
  Tensor chances = tile.narrow(0, 0, rows);
  const Tensor states = p.states.narrow(0, begin, rows);
  at::mm_out(chances, states, p.negatives.t());
  const float* x = states.const_data_ptr<float>();
  const float* right = p.right.const_data_ptr<float>() + begin * D;
  float* slope_right = p.slope_right.mutable_data_ptr<float>() + begin * D;
  float* row = chances.mutable_data_ptr<float>();
  std::vector<float> own_slope(static_cast<size_t>(rows));
  for (int64_t r = 0; r < rows; ++r, row += p.K()) {
    float product = 0;
    for (int64_t d = 0; d < D; ++d) product += x[r * D + d] * right[r * D + d];
    const float slope = chances_of_row(p, begin + r, product * p.scale, row, share);
    own_slope[static_cast<size_t>(r)] = slope * p.scale;
    share.slope_of_scale += static_cast<double>(slope) * static_cast<double>(product);
    for (int64_t d = 0; d < D; ++d) slope_right[r * D + d] = slope * p.scale * x[r * D + d];
  }
  Tensor slope_states = p.slope_states.narrow(0, begin, rows);
  at::mm_out(slope_states, chances, p.negatives);  // Σ_k chance · negative
  float* slope = slope_states.mutable_data_ptr<float>();
  for (int64_t r = 0; r < rows; ++r) {
    double toward = 0;  // Σ_k chance · product: what the scale gets from the negatives
    for (int64_t d = 0; d < D; ++d) {
      toward += static_cast<double>(slope[r * D + d]) * static_cast<double>(x[r * D + d]);
      slope[r * D + d] = slope[r * D + d] * p.scale + own_slope[static_cast<size_t>(r)] * right[r * D + d];
    }
    share.slope_of_scale += toward;
  }
  share.negatives.addmm_(chances.t(), states, 1, p.scale);
}

struct Solved {
  Tensor loss, states, right, negatives, scale;
};

Solved solve(Problem& p) {
  const int64_t M = p.states.size(0), K = p.K();
  p.slope_states = at::empty_like(p.states);
  p.slope_right = at::empty_like(p.right);
  const int64_t rows = std::clamp<int64_t>((1 << 17) / std::max<int64_t>(K, 1), 8, 256);  // a tile stays in the cache
  const int64_t shares = std::min<int64_t>(at::get_num_threads(), std::max<int64_t>(1, M / rows));
  std::vector<Share> all(static_cast<size_t>(shares));
  at::parallel_for(0, shares, 1, [&](int64_t first, int64_t last) {
    const at::NoGradGuard no_grad;
    for (int64_t s = first; s < last; ++s) {
      Share& share = all[static_cast<size_t>(s)];
      share.negatives = at::zeros_like(p.negatives);
      Tensor tile = at::empty({rows, K}, p.states.options());
      const int64_t end = (s + 1) * M / shares;
      for (int64_t begin = s * M / shares; begin < end; begin += rows) do_tile(p, begin, std::min(end, begin + rows), tile, share);
    }
  });
  double loss = 0, scale = 0;
  Tensor negatives = all.front().negatives;
  for (size_t s = 0; s < all.size(); ++s) {
    loss += all[s].loss;
    scale += all[s].slope_of_scale;
    if (s > 0) negatives.add_(all[s].negatives);
  }
  const auto number = p.states.options();
  return {at::full({}, loss, number), p.slope_states, p.slope_right, negatives, at::full({}, scale, number)};
}

class FusedSoftmax : public torch::autograd::Function<FusedSoftmax> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& states, const Tensor& right, const Tensor& negatives,
                        const Tensor& scale, const Tensor& weight, const Tensor& label, const Tensor& negative, const Tensor& log_expected) {
    const Tensor weights = weight.contiguous(), expected = log_expected.contiguous(), labels = label.contiguous(), drawn = negative.contiguous();
    Problem p{states.contiguous(), right.contiguous(), negatives.contiguous(), weights.const_data_ptr<float>(),
              labels.const_data_ptr<int64_t>(), drawn.const_data_ptr<int64_t>(),
              expected.numel() == 0 ? nullptr : expected.const_data_ptr<float>(), scale.item<float>(), {}, {}};
    const Solved solved = solve(p);
    context->save_for_backward({solved.states, solved.right, solved.negatives, solved.scale});
    return solved.loss;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list slopes) {
    const auto saved = context->get_saved_variables();
    const Tensor& by = slopes[0];
    return {saved[0] * by, saved[1] * by, saved[2] * by, saved[3] * by, {}, {}, {}, {}};
  }
};

}  // namespace

Tensor plain_softmax_loss(const Targets& t) {
  const Tensor own = (t.states * t.vectors.index_select(0, t.label)).sum(-1, true) * t.scale;            // [M, 1]
  Tensor others = at::matmul(t.states, t.vectors.index_select(0, t.negative).t()) * t.scale;             // [M, K]
  if (t.log_expected.defined()) others = others - t.log_expected;
  others = others.masked_fill(t.negative.unsqueeze(0).eq(t.label.unsqueeze(1)), never);
  const Tensor losses = at::cat({own, others}, 1).logsumexp({1}) - own.squeeze(1);
  return (losses * t.weight).sum();
}

Tensor fused_softmax_loss(const Targets& t) {
  const Tensor expected = t.log_expected.defined() ? t.log_expected : at::empty({0}, t.states.options());
  return FusedSoftmax::apply(t.states, t.vectors.index_select(0, t.label), t.vectors.index_select(0, t.negative), t.scale,
                             t.weight, t.label, t.negative, expected);
}

}  // namespace segue
