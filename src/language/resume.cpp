#include "language/resume.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

namespace segue {

ResumeRows resume_rows(const ResumeSizes& sizes) {
  const auto B = std::ssize(sizes.kept);
  const int64_t K = sizes.most_kept(), L = sizes.most_fresh();
  std::vector<int64_t> positions, last;
  const Tensor visible = at::zeros({B, 1, L, sizes.shared + K + L}, at::TensorOptions(at::kBool));
  for (int64_t b = 0; b < B; ++b) {
    const int64_t kept = sizes.kept[static_cast<size_t>(b)], fresh = sizes.fresh[static_cast<size_t>(b)];
    for (int64_t t = 0; t < L; ++t) {
      positions.push_back(sizes.shared + kept + std::min(t, fresh - 1));
      const Tensor row = visible[b][0][t];
      row.narrow(0, 0, sizes.shared + kept).fill_(true);
      row.narrow(0, sizes.shared + K, t + 1).fill_(true);  // padding sees what is before it, and nobody sees padding
    }
    last.push_back(b * L + fresh - 1);
  }
  return {tensor_of(positions, {B, L}), visible, tensor_of(last, {B})};
}

KeyValues resumed_past(const KeyValues& shared, const std::vector<Tensor>& kept, const ResumeSizes& sizes) {
  const auto B = std::ssize(kept);
  const int64_t K = sizes.most_kept();
  if (K == 0) return shared;
  const Tensor& any = *std::find_if(kept.begin(), kept.end(), [](const Tensor& one) { return one.defined(); });
  const int64_t both = any.size(0), heads = any.size(1), head = any.size(3);
  Tensor own = at::zeros({both, B, heads, K, head}, any.options());
  for (int64_t b = 0; b < B; ++b) {
    const int64_t n = sizes.kept[static_cast<size_t>(b)];
    if (n > 0) own.select(1, b).narrow(2, 0, n).copy_(kept[static_cast<size_t>(b)].narrow(2, 0, n));
  }
  KeyValues past;
  for (int64_t layer = 0; layer < both / 2; ++layer) {
    KeyValues::Pair pair{own[2 * layer], own[2 * layer + 1]};
    if (sizes.shared > 0) {
      const KeyValues::Pair front = shared.of(static_cast<size_t>(layer));
      for (size_t i = 0; i < 2; ++i) pair[i] = at::cat({front[i].expand({B, -1, -1, -1}), pair[i]}, 2);
    }
    past.set(static_cast<size_t>(layer), pair);
  }
  return past;
}

Tensor kept_of(const KeyValues& read, int64_t row, const ResumeSizes& sizes) {
  const auto b = static_cast<size_t>(row);
  const auto own = [&](const Tensor& of) {
    const Tensor one = of[row];  // [key heads, shared + K + L, head]
    return at::cat({one.narrow(1, sizes.shared, sizes.kept[b]), one.narrow(1, sizes.shared + sizes.most_kept(), sizes.fresh[b])}, 1);
  };
  std::vector<Tensor> all;
  for (size_t layer = 0; layer < read.key.size(); ++layer) {
    all.push_back(own(read.key[layer]));
    all.push_back(own(read.value[layer]));
  }
  return at::stack(all);
}

}  // namespace segue
