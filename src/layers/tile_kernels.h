#pragma once

#include <cstdint>

namespace segue {

/// Products of matrices in tiles of bf16, 16 rows of 32 numbers each: instructions of their own (Intel AMX), eight times as
/// fast as those over f32. What is multiplied is the sum of two numbers of bf16, of which the second holds what the first
/// lost to rounding (Henry, Tang and Heinecke, 2019, arXiv:1904.06376, section 2): together 16 of the 24 bits of f32.
struct TileKernels {
  static constexpr int64_t rows = 32;      // of x at a time
  static constexpr int64_t columns = 64;   // of a panel
  static constexpr int64_t depth = 256;    // numbers of a sum that a panel has
  static constexpr int64_t step = 32;      // what is summed is a multiple of it

  /// high + low ≈ x, or x · scales where there are any.
  void (*split)(const float* x, const float* scales, int64_t n, uint16_t* high, uint16_t* low);
  /// Bytes are numbers of bf16 as they are; n is a multiple of 32.
  void (*widen)(const int8_t* codes, int64_t n, uint16_t* out);
  /// Panels, in pairs of numbers that are summed: [depth / 2, columns, 2]. Of [columns, depth], and of [depth, columns].
  void (*pack_rows)(const uint16_t* from, uint16_t* panel);
  void (*pack_columns)(const uint16_t* from, uint16_t* panel);
  /// For each of so many panels, which lie one after the other: y [n, columns] += (high + low) [n, stride] · (panel + rest); the next y
  /// lies n · columns behind. n: a multiple of `rows`, stride in numbers, sums over `length`. Without low · rest, which rounding would
  /// hide. rest may be null. What is added to a row does not depend on the others.
  void (*multiply)(const uint16_t* high, const uint16_t* low, int64_t stride, int64_t n, const uint16_t* panels, const uint16_t* rest, int64_t count,
                   int64_t length, float* y);
  /// into [n, count], rows `stride` apart = y [n, columns] · scale + bias, of each column; either may be null. count: at most `columns`.
  void (*finish)(const float* y, int64_t n, int64_t count, const float* scale, const float* bias, float* into, int64_t stride);
};

/// Null where processor or system have no tiles.
const TileKernels* tile_kernels();

}  // namespace segue
