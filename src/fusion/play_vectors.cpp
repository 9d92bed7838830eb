#include "fusion/play_vectors.h"

#include <ATen/ops/eye.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "layers/rows.h"
#include "sessions/log.h"

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
  if (options_.stopped) stopped_ = nothing("stopped", 1);
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
  return rows_of(kind_, batch.completion_kind) + rows_of(heard_, batch.completion_kind) * batch.completion.unsqueeze(-1);
}

Tensor PlayVectors::forward(const Batch& batch, const StepVectors& vectors) {
  Tensor plays = vectors.rows(batch.track);
  if (options_.completion) plays = plays + completions(batch);
  if (options_.stopped) {
    const Tensor stopped = batch.completion_kind.eq(static_cast<int64_t>(CompletionKind::real)).logical_and(batch.completion.lt(stopped_below));
    plays = plays + rows_of(stopped_, stopped.to(at::kLong) - 1);
  }
  if (options_.session) plays = plays + rows_of(session_, batch.new_session.to(at::kLong));
  Tensor hidden = hidden_;
  if (options_.followed) {
    const Tensor votes = at::linear(vectors.rows(batch.followed).view({batch.rows(), batch.length(), -1}), followed_);  // of [B, T, E · D]
    plays = plays + votes;
    if (batch.hidden.defined()) hidden = hidden_ + votes;
  }
  if (options_.gap) plays = plays + rows_of(gap_, gap_step(batch.gap_s));
  return batch.hidden.defined() ? at::where(batch.hidden.unsqueeze(-1), hidden, plays) : plays;
}

}  // namespace segue
