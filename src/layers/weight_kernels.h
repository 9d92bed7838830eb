#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace segue {

/// The 16 numbers of NormalFloat-4 (Dettmers et al., 2023, arXiv:2305.14314, appendix E), in steps of 1 / normal_float_one.
/// Differs from the paper: rounded to those steps (by less than 7e-5), so that products are of whole numbers.
constexpr int16_t normal_float_one = 8191;
constexpr std::array<int16_t, 16> normal_float = {-8191, -5703, -4301, -3235, -2330, -1513, -746, 0, 652, 1318, 2016, 2768, 3610, 4608, 5922, 8191};

/// Whole numbers of 16 bits, row by row, and a scale for each block of a row.
struct WholeNumbers {
  const int16_t* codes;
  int64_t stride;  // from a row to the next
  const float* scale;
  int64_t scale_stride;
};

/// Where a byte of NF4 puts what it holds: the order in which vectors of bytes are widened.
constexpr int64_t nibble_place(int64_t byte) { return byte / 8 == 1 ? byte + 8 : byte / 8 == 2 ? byte - 8 : byte; }

/// A number of bf16.
inline float float_of_half(uint16_t code) { return std::bit_cast<float>(static_cast<uint32_t>(code) << 16); }

/// Inner loops over stored weights, chosen once by what the processor has. Lengths are multiples of 64.
struct WeightKernels {
  static constexpr int64_t block = 64;        // numbers of NF4 that share a scale
  static constexpr int64_t wide_block = 256;  // numbers of what is multiplied that do

  void (*widen)(const int8_t* codes, int64_t n, int16_t* out);
  /// Of each block's 32 bytes the lower halves are its first 32 numbers, the upper ones its last; byte i has number nibble_place(i).
  void (*look_up)(const uint8_t* codes, int64_t n, int16_t* out);
  /// out = low + codes · step.
  void (*levels)(const uint8_t* codes, int64_t n, float low, float step, float* out);
  /// out = codes · scale, one block.
  void (*scaled)(const int16_t* codes, float scale, float* out);
  /// x ≈ codes · scale, a scale for each wide block, in steps of the largest / 32767.
  void (*whole)(const float* x, int64_t n, int16_t* codes, float* scale);
  /// The same as `products` with one row of weights as it is stored, for at most `few` rows of x.
  /// ahead: bytes behind what is read that are fetched before they are wanted.
  static constexpr int64_t few = 8;
  void (*few_bytes)(const WholeNumbers& x, int64_t rows, const int8_t* codes, float scale, int64_t n, int64_t ahead, float* y, int64_t stride);
  void (*few_nibbles)(const WholeNumbers& x, int64_t rows, const uint8_t* codes, const float* scales, int64_t n, int64_t ahead, float* y, int64_t stride);
  /// y[r · stride] += Σ x · w for rows r of x, which lie x_stride apart, and one row of weights in bf16; n may be any.
  void (*few_halves)(const float* x, int64_t x_stride, int64_t rows, const uint16_t* codes, int64_t n, int64_t ahead, float* y, int64_t stride);
  /// y[r · stride + c] += Σ over wide blocks of x.scale · Σ over blocks of w.scale · Σ x · w, for rows r of x and c of w over n numbers. What is
  /// added for a pair does not depend on the other rows. blockwise: w has a scale for each block, otherwise for each row.
  void (*products)(const WholeNumbers& x, int64_t rows, const WholeNumbers& w, int64_t columns, int64_t n, bool blockwise, float* y, int64_t stride);
};

const WeightKernels& weight_kernels();
/// Null where the processor is of another kind.
const WeightKernels* weight_kernels_avx2();
const WeightKernels* weight_kernels_avx512();  // for few rows, else AVX2's
const WeightKernels& weight_kernels_plain();

}  // namespace segue
