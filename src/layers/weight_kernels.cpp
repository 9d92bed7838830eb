#include "layers/weight_kernels.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace segue {
namespace {

void widen(const int8_t* codes, int64_t n, int16_t* out) { std::copy_n(codes, n, out); }

void look_up(const uint8_t* codes, int64_t n, int16_t* out) {
  constexpr int64_t half = WeightKernels::block / 2;
  for (int64_t i = 0; i < n; i += 2 * half, codes += half, out += 2 * half) {
    for (int64_t j = 0; j < half; ++j) {
      out[nibble_place(j)] = normal_float[codes[j] & 0xf];
      out[half + nibble_place(j)] = normal_float[codes[j] >> 4];
    }
  }
}

void levels(const uint8_t* codes, int64_t n, float low, float step, float* out) {
  for (int64_t i = 0; i < n; ++i) out[i] = low + static_cast<float>(codes[i]) * step;
}

void scaled(const int16_t* codes, float scale, float* out) {
  for (int64_t i = 0; i < WeightKernels::block; ++i) out[i] = static_cast<float>(codes[i]) * scale;
}

void whole(const float* x, int64_t n, int16_t* codes, float* scale) {
  constexpr int64_t block = WeightKernels::wide_block;
  for (int64_t i = 0; i < n; i += block) {
    const int64_t end = std::min(n, i + block);
    float most = 0;
    for (int64_t j = i; j < end; ++j) most = std::isnan(x[j]) ? x[j] : std::max(most, std::abs(x[j]));
    const float steps = most > 0 ? 32767.0F / most : 0.0F;
    *scale++ = most / 32767.0F;
    for (int64_t j = i; j < end; ++j) codes[j] = std::isfinite(most) ? static_cast<int16_t>(std::nearbyint(x[j] * steps)) : int16_t{1};
  }
}

void products(const WholeNumbers& x, int64_t rows, const WholeNumbers& w, int64_t columns, int64_t n, bool blockwise, float* y, int64_t stride) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) {
      const float* const scale = w.scale + c * w.scale_stride;
      float total = 0, wide = 0;
      for (int64_t k = 0; k < n;) {
        int64_t whole = 0;
        const int64_t b = k / WeightKernels::block;
        for (const int64_t end = k + WeightKernels::block; k < end; ++k) whole += int64_t{x.codes[r * x.stride + k]} * w.codes[c * w.stride + k];
        wide += static_cast<float>(whole) * (blockwise ? scale[b] : 1.0F);
        if (k < n && k % WeightKernels::wide_block != 0) continue;
        total += wide * x.scale[r * x.scale_stride + (k - 1) / WeightKernels::wide_block];
        wide = 0;
      }
      y[r * stride + c] += blockwise ? total : total * *scale;
    }
  }
}

void few_bytes(const WholeNumbers& x, int64_t rows, const int8_t* codes, float scale, int64_t n, int64_t, float* y, int64_t stride) {
  std::vector<int16_t> wide(static_cast<size_t>(n));
  widen(codes, n, wide.data());
  products(x, rows, {wide.data(), n, &scale, 1}, 1, n, false, y, stride);
}

void few_nibbles(const WholeNumbers& x, int64_t rows, const uint8_t* codes, const float* scales, int64_t n, int64_t, float* y, int64_t stride) {
  std::vector<int16_t> wide(static_cast<size_t>(n));
  look_up(codes, n, wide.data());
  products(x, rows, {wide.data(), n, scales, n / WeightKernels::block}, 1, n, true, y, stride);
}

void few_halves(const float* x, int64_t x_stride, int64_t rows, const uint16_t* codes, int64_t n, int64_t, float* y, int64_t stride) {
  for (int64_t r = 0; r < rows; ++r) {
    float sum = 0;
    for (int64_t k = 0; k < n; ++k) sum += x[r * x_stride + k] * float_of_half(codes[k]);
    y[r * stride] += sum;
  }
}

constexpr WeightKernels plain{widen, look_up, levels, scaled, whole, few_bytes, few_nibbles, few_halves, products};

}  // namespace

const WeightKernels& weight_kernels_plain() { return plain; }

const WeightKernels& weight_kernels() {
  static const WeightKernels& chosen = []() -> const WeightKernels& {
    for (const WeightKernels* some : {weight_kernels_avx512(), weight_kernels_avx2()}) {
      if (some != nullptr) return *some;
    }
    return plain;
  }();
  return chosen;
}

}  // namespace segue
