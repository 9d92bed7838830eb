#pragma once

#include <cstdint>

#include "core/tensor.h"

namespace segue {

/// Where the random numbers of one training step come from. They depend on the seed, the step, the layer that asks and
/// the row of the whole batch, and on nothing else: a step that is done again, or split over processes, draws the same.
class Noise {
 public:
  /// This process has rows first, first + stride, … of the batch.
  Noise(uint64_t seed, int64_t step, int64_t first = 0, int64_t stride = 1)
      : key_(seed), step_(step), first_(first), stride_(stride) {}

  /// x [B, T, …]: each number is set to 0 with this chance, the others are divided by 1 - chance.
  Tensor dropout(const Tensor& x, double chance);

 private:
  Tensor keep(int64_t rows, int64_t numbers, double chance);  // float [rows, numbers]: 0 with this chance, else 1 / (1 - chance)

  uint64_t key_;
  int64_t step_, first_, stride_, layer_ = 0;
};

/// The same in training; x as it is where the model is used, that is without noise.
inline Tensor dropout(const Tensor& x, Noise* noise, double chance) { return noise == nullptr ? x : noise->dropout(x, chance); }

}  // namespace segue
