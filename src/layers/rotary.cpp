#include "layers/rotary.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/where.h>

#include <cmath>

namespace segue {
namespace {

Tensor scaled(const Tensor& speed, const Rotary::Scaling& by) {
  const auto length = static_cast<double>(by.length);
  const Tensor wave = 2 * M_PI / speed, slow = speed / by.factor;
  const Tensor share = (length / wave - by.low) / (by.high - by.low);
  const Tensor blended = (1 - share) * slow + share * speed;
  return at::where(wave > length / by.low, slow, at::where(wave < length / by.high, speed, blended));
}

}  // namespace

Rotary::Rotary(int64_t head, double theta, const std::optional<Scaling>& scaling) {
  TORCH_CHECK(head % 2 == 0, "Rotary: a head of ", head, " numbers has no halves");
  // In single precision, as the models were trained.
  speed_ = 1.0 / at::pow(at::Scalar(theta), at::arange(0, head, 2, at::TensorOptions(at::kFloat)) / static_cast<double>(head));
  if (scaling) speed_ = scaled(speed_, *scaling);
}

Rotary::Angles Rotary::at(const Tensor& positions) const {
  const Tensor half = positions.to(at::kFloat).unsqueeze(-1) * speed_.to(positions.device());  // [B, L, head / 2]
  const Tensor angle = at::cat({half, half}, -1).unsqueeze(1);
  return {angle.cos(), angle.sin()};
}

Tensor Rotary::turn(const Tensor& x, const Angles& angles) {
  const int64_t half = x.size(-1) / 2;
  const Tensor turned = at::cat({-x.narrow(-1, half, half), x.narrow(-1, 0, half)}, -1);
  return x * angles.cos + turned * angles.sin;
}

}  // namespace segue
