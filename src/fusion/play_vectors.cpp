#include "fusion/play_vectors.h"

#include <ATen/ops/embedding.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <cmath>

namespace segue {

PlayVectors::PlayVectors(const Options& options, int64_t width) : options_(options) {
  const auto nothing = [&](const char* name, int64_t rows) { return register_parameter(name, at::zeros({rows, width})); };
  hidden_ = register_parameter("hidden", at::randn({1, width}) / std::sqrt(static_cast<double>(width)));
  if (options_.gap) gap_ = nothing("gap", gap_steps);
  if (options_.session) session_ = nothing("session", 2);
  if (options_.completion) {
    kind_ = nothing("completion_kind", 3);
    heard_ = nothing("completion_heard", 3);
  }
  if (!options_.followed) return;
  // What followed last time is a fair guess at what follows now, so it begins as half a vote.
  Tensor start = at::zeros({width, options_.followed_places * width});
  start.narrow(1, 0, width).copy_(at::eye(width) * 0.5);
  followed_ = register_parameter("followed", start);
}

Tensor PlayVectors::gap_step(const Tensor& gap_s) {
  return (gap_s.clamp_min(1).log2() * 2).to(at::kLong).clamp_max(gap_steps - 1);
}

Tensor PlayVectors::completions(const Batch& batch) const {
  return at::embedding(kind_, batch.completion_kind) + at::embedding(heard_, batch.completion_kind) * batch.completion.unsqueeze(-1);
}

Tensor PlayVectors::forward(const Batch& batch, const Tensor& vectors) {
  const int64_t rows = batch.rows(), length = batch.length(), width = vectors.size(1);
  Tensor plays = at::index_select(vectors, 0, batch.track.reshape(-1)).view({rows, length, width});
  if (options_.completion) plays = plays + completions(batch);
  if (options_.session) plays = plays + at::embedding(session_, batch.new_session.to(at::kLong));
  if (options_.followed) {
    const Tensor found = batch.followed.ge(0).unsqueeze(-1);
    const Tensor vote = at::index_select(vectors, 0, batch.followed.clamp_min(0).reshape(-1)).view({rows, length, -1, width}) * found;
    plays = plays + at::linear(vote.reshape({rows, length, -1}), followed_);
  }
  if (options_.gap) plays = plays + at::embedding(gap_, gap_step(batch.gap_s));
  return batch.hidden.defined() ? at::where(batch.hidden.unsqueeze(-1), hidden_, plays) : plays;
}

}  // namespace segue
