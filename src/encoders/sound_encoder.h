#pragma once

#include <string>

#include "core/tensor.h"

namespace segue {

/// Turns sound into vectors, one for each frame of it. An encoder hears one window at a time and remembers none; what
/// becomes of a track's frames (their mean, deviation, …) is not its business.
class SoundEncoder {
 public:
  virtual ~SoundEncoder() = default;

  /// At what rate it listens.
  virtual int sample_rate_hz() const = 0;
  /// Numbers in a frame's vector.
  virtual int64_t width() const = 0;
  /// How long a window it is made for, and the shortest that it can do anything with, in seconds.
  virtual double window_s() const = 0;
  virtual double shortest_s() const = 0;
  /// What its vectors depend on besides the sound: name, weights, front end. Two encoders that say the same make the same.
  virtual std::string space() const = 0;

  /// wave    float [samples]  one channel, within ±1, at least the shortest long
  /// returns float [frames, width()], at least one frame; no gradient. Several threads may ask at once.
  virtual Tensor frames(const Tensor& wave) const = 0;
};

}  // namespace segue
