#pragma once

#include <cstdint>

#include "core/tensor.h"

namespace segue {

/// What one dropout keeps of a tensor's numbers, and how much louder that becomes. It records no gradient.
class DropoutMask {
 public:
  /// kept: uint8, 1 where a number is kept, as many as x has; chance: of a number to go.
  DropoutMask(Tensor kept, double chance) : kept_(std::move(kept)), louder_(static_cast<float>(1 / (1 - chance))) {}

  Tensor of(const Tensor& x) const;
  /// sum += of(x); sum is contiguous.
  void add_to(Tensor& sum, const Tensor& x) const;

 private:
  Tensor as_factors(const Tensor& x) const;

  Tensor kept_;
  float louder_;
};

/// Where the random numbers of one training step come from. They depend on the seed, the step, the layer that asks and
/// the row of the whole batch, and on nothing else: a step that is done again, or split over processes, draws the same.
class Noise {
 public:
  /// This process has rows first, first + stride, … of the batch.
  Noise(uint64_t seed, int64_t step, int64_t first = 0, int64_t stride = 1)
      : key_(seed), step_(step), first_(first), stride_(stride) {}

  /// x [B, T, …]: each number is set to 0 with this chance, the others are divided by 1 - chance.
  Tensor dropout(const Tensor& x, double chance);
  /// The same draws, to be used by hand.
  DropoutMask mask(const Tensor& x, double chance);

 private:
  uint64_t key_;
  int64_t step_, first_, stride_, layer_ = 0;
};

/// The same in training; x as it is where the model is used, that is without noise.
inline Tensor dropout(const Tensor& x, Noise* noise, double chance) { return noise == nullptr ? x : noise->dropout(x, chance); }

}  // namespace segue
