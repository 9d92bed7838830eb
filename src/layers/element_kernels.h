#pragma once

#include <cstdint>

namespace segue {

/// Passes over n numbers, each in one reading of memory, chosen once by what the processor has.
struct ElementKernels {
  /// out = x · louder where kept (1, else 0), 0 elsewhere.
  void (*masked)(const float* x, const uint8_t* kept, float louder, float* out, int64_t n);
  /// sum += the same.
  void (*add_masked)(const float* x, const uint8_t* kept, float louder, float* sum, int64_t n);
  /// out = silu(gate) · up, within 4 units in the last place.
  void (*gated)(const float* gate, const float* up, float* out, int64_t n);
  /// Its gradient: the slope by out → by gate and by up.
  void (*gated_back)(const float* slope, const float* gate, const float* up, float* by_gate, float* by_up, int64_t n);
};

const ElementKernels& element_kernels();

}  // namespace segue
