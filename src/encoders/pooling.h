#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/registry.h"
#include "core/tensor.h"

namespace segue {

/// What becomes of the frames of a track.
enum class Pooling {
  mean,
  mean_deviation,  // and the standard deviation over all frames behind it: twice as wide
  last,
};
const Registry<Pooling>& poolings();

/// Puts the frames of a track together as they come, in the room of one.
class Pool {
 public:
  Pool(Pooling pooling, int64_t width);
  /// frames float [n, D]
  void add(const Tensor& frames);
  int64_t frames() const { return frames_; }
  /// float [D], or [2 D]. Throws std::logic_error before there is a frame.
  std::vector<float> vector() const;
  int64_t width() const;

 private:
  Pooling pooling_;
  int64_t frames_ = 0;
  std::vector<double> mean_, squares_;  // squares_: sum of squared distances from the mean (Welford, 1962)
  std::vector<float> last_;
};

}  // namespace segue
