#include "layers/stored_parts.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/maximum.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace segue {
namespace {

constexpr int64_t block = WeightKernels::block, ranged = scales_of_a_range;

/// The largest of each row, whatever its sign: float [n], without a copy of x [n, m].
Tensor largest_of(const Tensor& x) { return at::maximum(x.amax(1), -x.amin(1)); }

FrozenMatrix::Parts in_int8(const Tensor& weight) {
  const Tensor scale = largest_of(weight) / 127;
  return {(with_padding(weight) / scale.clamp_min(1e-30).unsqueeze(1)).round().clamp(-127, 127).to(at::kChar), scale};
}

/// Half way between the numbers of the table, in its steps.
std::array<float, 15> bounds() {
  std::array<float, 15> bounds{};
  for (size_t i = 0; i < bounds.size(); ++i) bounds[i] = (static_cast<float>(normal_float[i]) + static_cast<float>(normal_float[i + 1])) / 2;
  return bounds;
}

/// Scales of blocks as 8 bits, with the range of each 256 of them.
void pack_scales(const std::vector<float>& scales, uint8_t* codes, float* ranges) {
  for (size_t begin = 0; begin < scales.size(); begin += ranged, ranges += 2) {
    const size_t end = std::min(scales.size(), begin + ranged);
    const auto [low, high] = std::minmax_element(scales.begin() + static_cast<std::ptrdiff_t>(begin), scales.begin() + static_cast<std::ptrdiff_t>(end));
    ranges[0] = *low;
    ranges[1] = (*high - *low) / 255;
    for (size_t i = begin; i < end; ++i) codes[i] = ranges[1] > 0 ? static_cast<uint8_t>(std::lround((scales[i] - ranges[0]) / ranges[1])) : 0;
  }
}

float scale_of(const uint8_t* codes, const float* ranges, int64_t i) {
  const float* const range = ranges + i / ranged * 2;
  return range[0] + static_cast<float>(codes[i]) * range[1];
}

FrozenMatrix::Parts in_nf4(const Tensor& weight) {
  const Tensor x = with_padding(weight);
  const int64_t blocks = x.numel() / block;
  const FrozenMatrix::Sizes sizes(Storage::nf4, x.size(0), x.size(1));
  const auto bytes = at::TensorOptions(at::kByte);
  FrozenMatrix::Parts parts{at::empty(sizes.numbers, bytes), at::empty(sizes.scale, bytes), at::empty(sizes.ranges, at::TensorOptions(at::kFloat))};
  const float* const from = x.const_data_ptr<float>();
  const auto largest = floats_of(largest_of(x.view({blocks, block})));
  auto* const scale = parts.scale.mutable_data_ptr<uint8_t>();
  auto* const ranges = parts.ranges.mutable_data_ptr<float>();
  pack_scales(largest, scale, ranges);
  auto* const codes = parts.numbers.mutable_data_ptr<uint8_t>();
  static const auto between = bounds();
  at::parallel_for(0, blocks, 256, [&](int64_t begin, int64_t end) {
    std::array<uint8_t, block> place;
    for (int64_t b = begin; b < end; ++b) {
      const float steps = static_cast<float>(normal_float_one) / std::max(scale_of(scale, ranges, b), 1e-30F);
      place.fill(0);
      for (const float bound : between) {
        for (int64_t i = 0; i < block; ++i) place[static_cast<size_t>(i)] = static_cast<uint8_t>(place[static_cast<size_t>(i)] + (from[b * block + i] * steps > bound));
      }
      constexpr int64_t half = block / 2;
      for (int64_t i = 0; i < half; ++i) {
        const auto at = static_cast<size_t>(nibble_place(i));
        codes[b * half + i] = static_cast<uint8_t>(place[at] | place[at + half] << 4);
      }
    }
  });
  return parts;
}

}  // namespace

Tensor with_padding(const Tensor& x) {
  const int64_t more = padded(x.size(1)) - x.size(1);
  return more == 0 ? x.contiguous() : at::constant_pad_nd(x, {0, more});
}

FrozenMatrix::Sizes::Sizes(Storage storage, int64_t out, int64_t in) : numbers{out, in} {
  const int64_t width = padded(in), blocks = width / block;
  if (storage == Storage::int8) {
    numbers[1] = width;
    scale = {out};
  } else if (storage == Storage::nf4) {
    numbers[1] = width / 2;
    scale = {out, blocks};
    ranges = {(out * blocks + ranged - 1) / ranged, 2};
  }
}

FrozenMatrix::Parts stored_parts(const Tensor& weight, Storage storage) {
  const at::NoGradGuard no_grad;
  if (storage == Storage::f32) return {weight.scalar_type() == at::kBFloat16 || weight.scalar_type() == at::kHalf ? weight.to(at::kFloat) : weight};
  if (storage == Storage::bf16) return {weight.scalar_type() == at::kHalf ? weight : weight.to(at::kBFloat16)};
  const Tensor plain = weight.to(at::kFloat).contiguous();
  return storage == Storage::int8 ? in_int8(plain) : in_nf4(plain);
}

}  // namespace segue
