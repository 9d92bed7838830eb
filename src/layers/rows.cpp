#include "layers/rows.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

namespace segue {
namespace {

/// Where the loops here apply; elsewhere libtorch's operations do.
bool plain(const Tensor& table) { return table.is_cpu() && table.scalar_type() == at::kFloat; }

std::vector<int64_t> shape_of(const Tensor& table, const Tensor& places) {
  auto shape = places.sizes().vec();
  shape.push_back(table.size(1));
  return shape;
}

Tensor taken(const Tensor& table, const Tensor& places) {
  const Tensor flat = places.reshape({-1});
  if (!plain(table)) return (table.index_select(0, flat.clamp_min(0)) * flat.ge(0).unsqueeze(1)).view(shape_of(table, places));
  const Tensor from = table.contiguous(), at = flat.contiguous();
  const int64_t n = table.size(0), width = table.size(1), m = at.numel();
  Tensor rows = at::empty(shape_of(table, places), table.options());
  const auto* const source = from.const_data_ptr<float>();
  const auto* const place = at.const_data_ptr<int64_t>();
  float* out = rows.mutable_data_ptr<float>();
  for (int64_t i = 0; i < m; ++i, out += width) {
    TORCH_CHECK(place[i] >= -1 && place[i] < n, "rows_of: place ", place[i], " in a table of ", n, " rows");
    if (place[i] < 0) std::fill_n(out, width, 0.0F);
    else std::copy_n(source + place[i] * width, width, out);
  }
  return rows;
}

class RowsOf : public torch::autograd::Function<RowsOf> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& table, const Tensor& places) {
    context->saved_data["rows"] = table.size(0);
    context->save_for_backward({places});
    return taken(table, places);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list slopes) {
    const int64_t width = slopes[0].size(-1);
    const Tensor slope = at::zeros({context->saved_data["rows"].toInt(), width}, slopes[0].options());
    add_rows(slope, context->get_saved_variables()[0].reshape({-1}), slopes[0].reshape({-1, width}));
    return {slope, {}};
  }
};

}  // namespace

Tensor rows_of(const Tensor& table, const Tensor& places) { return RowsOf::apply(table, places); }

void add_rows(const Tensor& into, const Tensor& places, const Tensor& rows, PlacesPart of) {
  if (!plain(into)) {
    TORCH_CHECK(of.parts == 1, "add_rows: parts are for the CPU");
    Tensor(into).index_add_(0, places.clamp_min(0), rows * places.ge(0).unsqueeze(1));
    return;
  }
  const Tensor from = rows.contiguous(), at = places.contiguous();
  const int64_t width = into.size(1), m = at.numel();
  const auto* const place = at.const_data_ptr<int64_t>();
  const float* source = from.const_data_ptr<float>();
  auto* const sum = into.mutable_data_ptr<float>();
  for (int64_t i = 0; i < m; ++i, source += width) {
    if (place[i] < 0 || (of.parts > 1 && place[i] % of.parts != of.part)) continue;
    float* out = sum + place[i] * width;
    for (int64_t d = 0; d < width; ++d) out[d] += source[d];
  }
}

}  // namespace segue
