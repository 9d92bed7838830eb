#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/silu.h>
#include <gtest/gtest.h>

#include "layers/gated.h"
#include "layers/linear.h"

namespace segue {
namespace {

double off(const Tensor& a, const Tensor& b) { return ((a - b).abs() / (1 + b.abs())).max().item<double>(); }

TEST(Gated, IsTheProductWithItsGradient) {
  at::manual_seed(1);
  Tensor x = at::randn({3, 7, 19}) * 4, y = at::randn({3, 7, 19}) * 4;
  x.view({-1}).narrow(0, 0, 5).copy_(tensor_of(std::vector<float>{0, -0.0F, 100, -100, -88}, {5}));
  const auto with_gradient = [&](const auto& product) {
    const Tensor gate = x.clone().requires_grad_(), up = y.clone().requires_grad_(), z = product(gate, up);
    (z * at::arange(z.numel()).view(z.sizes()).remainder(5)).sum().backward();
    return std::vector<Tensor>{z.detach(), gate.grad(), up.grad()};
  };
  const auto ours = with_gradient([](const Tensor& gate, const Tensor& up) { return gated(gate, up); });
  const auto plain = with_gradient([](const Tensor& gate, const Tensor& up) { return at::silu(gate) * up; });
  for (size_t i = 0; i < ours.size(); ++i) EXPECT_LT(off(ours[i], plain[i]), 2e-6) << i;
  EXPECT_TRUE(gated(x.to(at::kDouble), y.to(at::kDouble)).equal(at::silu(x.to(at::kDouble)) * y.to(at::kDouble)));
}

TEST(Dropout, KeepsItsShareAndTheSameInTheGradient) {
  const Tensor x = at::ones({4, 33, 7}).requires_grad_();
  Noise noise(3, 5);
  const Tensor y = noise.dropout(x, 0.25);
  y.sum().backward();
  EXPECT_TRUE(y.equal(x.grad()));
  EXPECT_NEAR((y == 0).to(at::kFloat).mean().item<double>(), 0.25, 0.05);
  EXPECT_TRUE(((y == 0) | ((y - 4.0 / 3).abs() < 1e-6)).all().item<bool>());
}

TEST(FrozenLinear, GivesTheStatesAndSlopesOfPlainOperations) {
  at::manual_seed(2);
  const Tensor x = at::randn({2, 5, 13}), weight = at::randn({11, 13}), bias = at::randn({11}), a = at::randn({3, 13}), b = at::randn({11, 3}), by = at::randn({2, 5, 11});
  for (const double chance : {0.0, 0.4}) {
    const auto with_gradient = [&](bool plain) {
      const Tensor from = x.clone().requires_grad_();
      const LoraFactors factors{a.clone().requires_grad_(), b.clone().requires_grad_(), 0.7, chance};
      Noise noise(7, 1), same = noise;
      const Tensor few = at::linear(chance > 0 ? same.dropout(from, chance) : from, factors.a);
      const Tensor y = plain ? at::linear(from, weight, bias) + factors.scale * at::linear(few, factors.b) : FrozenLinear{weight, bias, factors}.forward(from, &noise);
      (y * by).sum().backward();
      return std::vector<Tensor>{y.detach(), from.grad(), factors.a.grad(), factors.b.grad()};
    };
    const auto ours = with_gradient(false), plain = with_gradient(true);
    for (size_t i = 0; i < ours.size(); ++i) EXPECT_LT(off(ours[i], plain[i]), 2e-6) << chance << " " << i;
  }
}

}  // namespace
}  // namespace segue
