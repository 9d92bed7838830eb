#include "fusion/batch.h"

#include <limits>

namespace segue {

Batch Batch::every(int64_t first, int64_t stride) const {
  const auto rows_of = [&](const Tensor& all) { return all.slice(0, first, std::numeric_limits<int64_t>::max(), stride); };
  const int64_t longest = rows_of(played).sum(1).max().item<int64_t>();
  Batch some = *this;
  for (Tensor* one : {&some.track, &some.played, &some.hidden, &some.new_session, &some.gap_s, &some.completion, &some.completion_kind,
                      &some.followed, &some.slot}) {
    if (one->defined()) *one = rows_of(*one).narrow(1, 0, longest).contiguous();
  }
  some.words.clear();
  for (int64_t row = first; row < std::ssize(words); row += stride) some.words.push_back(words[static_cast<size_t>(row)]);
  some.noise = nullptr;
  return some;
}

}  // namespace segue
