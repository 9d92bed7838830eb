#pragma once

#include <vector>

#include "core/tensor.h"

namespace segue {

/// The item vectors of one step's tracks, [n, D], from which rows are taken by place.
///
/// Gradients of what was taken are small, that of all vectors is large and mostly zeros: where a list is given, each
/// taking has a gradient of its own, and sum_of_taken() adds all up at the end, once.
class StepVectors {
 public:
  struct Taken {
    Tensor places;  // int64 [...]
    Tensor rows;    // float [..., D], a leaf
  };
  /// Rows have the gradient of the vectors, if those have one.
  StepVectors(const Tensor& vectors) : vectors_(vectors) {}
  StepVectors(const Tensor& vectors, std::vector<Taken>& taken) : vectors_(vectors.detach()), taken_(&taken) {}

  /// int64 [...] → float [..., D]; 0 where the place is -1.
  Tensor rows(const Tensor& places) const;
  int64_t width() const { return vectors_.size(1); }

 private:
  Tensor vectors_;
  std::vector<Taken>* taken_ = nullptr;
};

/// float [n, D]: the sum of the gradients of all that was taken, in the order of the lists and in each, whatever the
/// number of threads.
Tensor sum_of_taken(const std::vector<std::vector<StepVectors::Taken>>& lists, const Tensor& vectors);

}  // namespace segue
