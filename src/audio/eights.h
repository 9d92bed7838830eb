#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/aligned_array.h"

namespace segue {

/// Rows of numbers, eight abreast: number c of row t at [t / 8][c][t % 8]. Up to seven rows behind the last are there as well.
class Eights {
 public:
  Eights(int64_t rows, int64_t width) : rows_(rows), width_(width), numbers_(static_cast<size_t>((rows + 7) / 8 * 8 * width)) {
    std::fill_n(numbers_.data(), numbers_.size(), 0.0F);
  }
  int64_t rows() const { return rows_; }
  int64_t width() const { return width_; }
  int64_t blocks() const { return (rows_ + 7) / 8; }
  int64_t size() const { return blocks() * 8 * width_; }  // with the rows behind the last
  float* block(int64_t b) { return numbers_.data() + b * 8 * width_; }
  const float* block(int64_t b) const { return numbers_.data() + b * 8 * width_; }
  float at(int64_t row, int64_t column) const { return block(row / 8)[column * 8 + row % 8]; }
  /// Row by row: [rows][width].
  void copy_to(float* into) const {
    for (int64_t t = 0; t < rows_; ++t) {
      const float* from = block(t / 8) + t % 8;
      for (int64_t c = 0; c < width_; ++c) *into++ = from[8 * c];
    }
  }
  std::vector<float> column(int64_t c) const {
    std::vector<float> all(static_cast<size_t>(rows_));
    for (int64_t t = 0; t < rows_; ++t) all[static_cast<size_t>(t)] = at(t, c);
    return all;
  }

 private:
  int64_t rows_, width_;
  AlignedArray<float> numbers_;
};

}  // namespace segue
