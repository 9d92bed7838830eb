#include "fusion/item_vectors.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/randn.h>

#include <cmath>

#include "layers/unit.h"

namespace segue {

ItemVectors::ItemVectors(const Options& options, std::vector<int32_t> row, int64_t rows) : options_(options), row_(std::move(row)) {
  table_ = at::randn({std::max<int64_t>(rows, 1), options.width}, at::TensorOptions(at::kFloat)) / std::sqrt(static_cast<double>(options.width));
  register_buffer("ids", table_);  // its gradient is taken row by row, so it is no parameter to autograd
}

/// Length 1, or the rows as they are.
Tensor ItemVectors::shaped(const Tensor& rows) const {
  return options_.unit ? unit_rows(rows) : rows;
}

ItemVectors::Drawn ItemVectors::of(const std::vector<int32_t>& tracks, bool learns) const {
  std::vector<int64_t> rows(tracks.size());
  std::vector<float> known(tracks.size());
  for (size_t i = 0; i < tracks.size(); ++i) {
    const int32_t row = row_[static_cast<size_t>(tracks[i])];
    rows[i] = std::max(row, 0);
    known[i] = row >= 0 ? 1.0F : 0.0F;
  }
  const auto n = static_cast<int64_t>(tracks.size());
  Drawn drawn;
  drawn.rows = tensor_of(rows, {n}).to(table_.device());
  drawn.known = tensor_of(known, {n, 1}).to(table_.device());
  {
    const at::NoGradGuard no_grad;
    drawn.leaf = table_.index_select(0, drawn.rows);
  }
  if (learns) drawn.leaf.requires_grad_();
  drawn.vectors = shaped(drawn.leaf) * drawn.known;
  return drawn;
}

Tensor ItemVectors::all() const {
  const at::NoGradGuard no_grad;
  std::vector<int32_t> every(row_.size());
  for (size_t j = 0; j < every.size(); ++j) every[j] = static_cast<int32_t>(j);
  return of(every, false).vectors;
}

}  // namespace segue
