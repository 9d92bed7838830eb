#pragma once

#include <torch/nn/module.h>

#include <span>

#include "fusion/track_signal.h"

namespace segue {

/// What one signal says of some tracks.
struct Told {
  Tensor numbers;  // float [n, D_s] as the store has them; 0 where nothing is known
  Tensor known;    // float [n, 1] 1 where a track has a vector
  Tensor silent;   // float [n, 1] 1 where it is known that there is nothing to be told
};

/// Brings the vectors of one signal to D numbers: every number less its mean, over its deviation (both over train tracks),
/// projected, times a learned gain. Tracks without a vector have a learned one, and others those that have nothing to be told.
class SignalTower : public torch::nn::Module {
 public:
  SignalTower(std::shared_ptr<const TrackSignal> signal, int64_t width);

  /// Takes means and deviations from the tracks of which this is true: [N]. Numbers that never vary become 0. Throws Error
  /// where none of them is known.
  void standardise(const std::vector<uint8_t>& train);
  /// tracks: of the log; as: on which device, in which type of numbers. Thread-safe.
  Told told(std::span<const int32_t> tracks, const at::TensorOptions& as = at::kFloat) const;
  /// Standardised, float [n, D_s]; 0 where nothing is known.
  Tensor standardised(const Told& told) const;
  /// float [n, D]
  Tensor forward(const Told& told) const;

  const TrackSignal& signal() const { return *signal_; }

 private:
  std::shared_ptr<const TrackSignal> signal_;
  Tensor mean_, scale_;             // [D_s] scale: 1 / deviation, 0 of a number that never varies
  Tensor weight_, bias_, gain_;     // [D, D_s], [D], [1]
  Tensor missing_;                  // [2, D] for what is not known; for what has nothing to be told
};

}  // namespace segue
