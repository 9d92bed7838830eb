#include "fusion/step_vectors.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros_like.h>

#include "core/tensor_threads.h"
#include "layers/rows.h"

namespace segue {

Tensor StepVectors::rows(const Tensor& places) const {
  Tensor rows = rows_of(vectors_, places);
  if (taken_ == nullptr) return rows;
  rows.requires_grad_();
  taken_->push_back({places, rows});
  return rows;
}

Tensor sum_of_taken(const std::vector<std::vector<StepVectors::Taken>>& lists, const Tensor& vectors) {
  const at::NoGradGuard no_grad;
  const Tensor sum = at::zeros_like(vectors);
  const int64_t parts = vectors.is_cpu() && vectors.scalar_type() == at::kFloat ? 8 : 1;
  parallel_tensors(parts, [&](int64_t part) {
    for (const auto& list : lists) {
      for (const auto& [places, rows] : list) {
        if (rows.grad().defined()) add_rows(sum, places.reshape({-1}), rows.grad().reshape({-1, vectors.size(1)}), {part, parts});
      }
    }
  });
  return sum;
}

}  // namespace segue
