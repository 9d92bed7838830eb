#pragma once

#include <optional>

#include "core/tensor.h"

namespace segue {

/// Positions as angles (Su et al., 2021, arXiv:2104.09864): element i of a head turns together with element i + half of it.
class Rotary {
 public:
  /// LLaMA 3 reaches further than it was trained: waves longer than `length` / low turn `factor` times more slowly, those
  /// shorter than `length` / high as before, and between them the two are blended.
  struct Scaling {
    double factor = 8, low = 1, high = 4;
    int64_t length = 8192;
  };
  struct Angles {
    Tensor cos, sin;  // float [B, 1, L, head]
  };

  Rotary(int64_t head, double theta, const std::optional<Scaling>& scaling);
  /// positions int64 [B, L]
  Angles at(const Tensor& positions) const;
  /// x float [B, heads, L, head]
  static Tensor turn(const Tensor& x, const Angles& angles);

 private:
  Tensor speed_;  // float [head / 2] radians a position
};

}  // namespace segue
