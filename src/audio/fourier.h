#pragma once

#include <cstdint>
#include <vector>

namespace segue {

/// Fourier transforms of eight real series at once, which lie side by side: number t of series l at [t][l]. So no vector is
/// ever turned, and what comes before and after goes eight abreast as well: no pass over a whole spectrum is left, and the
/// transforms themselves take half the time of libtorch's (sound_loops_benchmark). Several threads may use one at once.
class Fourier {
 public:
  /// Throws std::invalid_argument where the length is not even or has a prime factor above 5.
  /// plain: by no instructions that only some processors have, to be compared with.
  explicit Fourier(int64_t length, bool plain = false);
  /// The next length that will do.
  static int64_t length_for(int64_t at_least);

  int64_t length() const { return 2 * half_; }
  int64_t bins() const { return half_ + 1; }
  /// Floats of a series of eight, and of the room that a transform wants besides.
  int64_t size() const { return length() * 8; }

  /// series [length][8], lost; room: size() → spectrum [bins][2][8], real parts before imaginary ones
  void spectrum(float* series, float* room, float* spectrum) const;
  /// The same → their squared absolute values [bins][8]
  void power(float* series, float* room, float* power) const;
  /// spectrum [bins][2][8] of series → those series, length times as large; number t lies in row t ^ 1. series, room: size()
  /// each; returns the one of them in which it is.
  const float* series(const float* spectrum, float* series, float* room) const;

 private:
  friend struct FourierLoops;
  struct Step {
    int64_t radix, rest, stride;  // rest: length of what is left to be transformed
    std::vector<float> turns;     // [rest][radix - 1][2]; empty where they are 1
  };
  int64_t half_;
  bool wide_;
  std::vector<Step> steps_;
  std::vector<float> turns_;  // [half / 2 + 1][2] cos and sin of 2π k / length
};

}  // namespace segue
