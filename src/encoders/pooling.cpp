#include "encoders/pooling.h"

#include <cmath>
#include <stdexcept>

namespace segue {

const Registry<Pooling>& poolings() {
  static const Registry<Pooling> table{"pooling", {{"last", Pooling::last}, {"mean", Pooling::mean}, {"mean-deviation", Pooling::mean_deviation}}};
  return table;
}

Pool::Pool(Pooling pooling, int64_t width)
    : pooling_(pooling), mean_(static_cast<size_t>(width)), squares_(static_cast<size_t>(width)), last_(static_cast<size_t>(width)) {}

void Pool::add(const Tensor& frames) {
  const auto width = static_cast<int64_t>(mean_.size());
  if (frames.dim() != 2 || frames.size(1) != width) throw std::invalid_argument("Pool: frames of another width");
  const Tensor rows = frames.contiguous();
  const float* row = rows.const_data_ptr<float>();
  for (int64_t i = 0; i < rows.size(0); ++i, row += width) {
    ++frames_;
    for (size_t d = 0; d < mean_.size(); ++d) {
      const double away = row[d] - mean_[d];
      mean_[d] += away / static_cast<double>(frames_);
      squares_[d] += away * (row[d] - mean_[d]);
    }
  }
  if (rows.size(0) > 0) last_.assign(row - width, row);
}

int64_t Pool::width() const { return static_cast<int64_t>(mean_.size()) * (pooling_ == Pooling::mean_deviation ? 2 : 1); }

std::vector<float> Pool::vector() const {
  if (frames_ == 0) throw std::logic_error("Pool: no frame yet");
  if (pooling_ == Pooling::last) return last_;
  std::vector<float> out(mean_.begin(), mean_.end());
  if (pooling_ == Pooling::mean_deviation) {
    for (const double squares : squares_) out.push_back(static_cast<float>(std::sqrt(squares / static_cast<double>(frames_))));
  }
  return out;
}

}  // namespace segue
