#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/full.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/rand.h>
#include <gtest/gtest.h>

#include <cmath>

#include "training/objectives.h"
#include "training/sampled_softmax.h"
#include "training/sampler.h"

namespace segue {
namespace {

Targets some(int64_t M, int64_t n, int64_t D, int64_t K, at::ScalarType type = at::kFloat) {
  at::manual_seed(static_cast<uint64_t>(M * 31 + K));
  const auto number = at::TensorOptions(type);
  Targets t;
  t.states = at::randn({M, D}, number).requires_grad_();
  t.vectors = at::randn({n, D}, number).requires_grad_();
  t.scale = at::full({}, 1.5, number).requires_grad_();
  t.label = at::randint(n, {M}, at::TensorOptions(at::kLong));
  t.weight = at::rand({M}, number) + 0.5;
  t.negative = at::randint(n, {K}, at::TensorOptions(at::kLong));  // labels are among them
  t.log_expected = at::randn({K}, number) * 0.5;
  t.sampling_rate = 0.4;
  return t;
}

TEST(FusedSoftmax, HasTheLossAndTheGradientsOfPlainOperations) {
  for (const auto& [M, K] : {std::pair<int64_t, int64_t>{1, 1}, {7, 3}, {300, 33}, {1000, 700}}) {
    const Targets plain = some(M, 60, 12, K), fused = some(M, 60, 12, K);
    const Tensor a = plain_softmax_loss(plain), b = fused_softmax_loss(fused);
    EXPECT_NEAR(a.item<double>(), b.item<double>(), 1e-5 * (1 + a.item<double>()));
    (a * 0.3).backward();
    (b * 0.3).backward();
    for (const auto& [x, y] : {std::pair{plain.states, fused.states}, {plain.vectors, fused.vectors}, {plain.scale, fused.scale}}) {
      EXPECT_LT((x.grad() - y.grad()).abs().max().item<double>(), 2e-4 * (1 + x.grad().abs().max().item<double>())) << M << " " << K;
    }
  }
}

class EveryObjective : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Registry, EveryObjective, testing::ValuesIn(objectives().names()), [](const auto& row) { return row.param; });

TEST_P(EveryObjective, HasTheGradientThatFiniteDifferencesGive) {
  Objective::Options options;
  options.fused = false;  // in double; fused ones are compared with these above
  const auto objective = objectives().at(GetParam())(options);
  const Targets t = some(9, 20, 5, 9, at::kDouble);
  objective->loss(t).backward();
  for (const Tensor& input : {t.states, t.vectors, t.scale}) {
    const at::NoGradGuard no_grad;
    Tensor flat = input.view({-1});
    for (int64_t i = 0; i < flat.numel(); i += 7) {
      const double was = flat[i].item<double>(), step = 1e-6;
      flat[i].fill_(was + step);
      const double up = objective->loss(t).item<double>();
      flat[i].fill_(was - step);
      const double down = objective->loss(t).item<double>();
      flat[i].fill_(was);
      EXPECT_NEAR(input.grad().view({-1})[i].item<double>(), (up - down) / (2 * step), 1e-5);
    }
  }
}

TEST_P(EveryObjective, TeachesNothingAgainstTheLabelItself) {
  const auto objective = objectives().at(GetParam())({});
  Targets t = some(4, 10, 5, 4);
  t.negative = t.label.clone();  // each label is its own first negative
  if (!objective->each_its_own()) t.label = t.label[0].expand({4}).contiguous(), t.negative = t.label.narrow(0, 0, 1).clone(), t.log_expected = t.log_expected.narrow(0, 0, 1);
  const double certain = objective->loss(t).item<double>();
  t.negative = (t.label.narrow(0, 0, t.negative.size(0)) + 1).remainder(10);
  EXPECT_LT(certain, objective->loss(t).item<double>());
}

TEST(SampledSoftmax, IsTheFullOneInTheMean) {
  // With the correction, the sum over K drawn tracks estimates the sum over all of them.
  Targets t = some(40, 500, 8, 1);
  t.scale = at::full({}, 0.2);  // scores of like size: the logarithm of a rough estimate would be too small in the mean
  std::vector<int64_t> plays(500);
  for (size_t j = 0; j < plays.size(); ++j) plays[j] = 1 + static_cast<int64_t>(5000 / (j + 1));
  Targets full = t;
  std::vector<int64_t> all(500);
  for (size_t j = 0; j < all.size(); ++j) all[j] = static_cast<int64_t>(j);
  full.negative = tensor_of(all, {500});
  full.log_expected = Tensor();
  const double exact = plain_softmax_loss(full).item<double>();
  for (const auto from : {Negatives::uniform, Negatives::popularity}) {
    const NegativeSampler sampler(plays, from, 0.75, 11);
    double mean = 0;
    for (int64_t step = 0; step < 200; ++step) {
      const auto drawn = sampler.draw(step, 200, {});
      t.negative = tensor_of(std::vector<int64_t>(drawn.tracks.begin(), drawn.tracks.end()), {200});
      t.log_expected = tensor_of(drawn.log_expected, {200});
      mean += plain_softmax_loss(t).item<double>() / 200;
    }
    EXPECT_NEAR(mean / exact, 1.0, 0.03);
  }
}

TEST(NegativeSampler, DrawsByPlaysToThePowerAndOnlyWhatWasPlayed) {
  const std::vector<int64_t> plays{0, 1, 16, 81};
  const NegativeSampler sampler(plays, Negatives::popularity, 0.5, 1);  // 1 : 4 : 9
  std::vector<int64_t> count(4);
  for (int64_t step = 0; step < 100; ++step) {
    for (const int32_t track : sampler.draw(step, 140, {}).tracks) ++count[static_cast<size_t>(track)];
  }
  EXPECT_EQ(count[0], 0);
  EXPECT_NEAR(static_cast<double>(count[1]), 1000, 150);
  EXPECT_NEAR(static_cast<double>(count[2]), 4000, 250);
  EXPECT_NEAR(static_cast<double>(count[3]), 9000, 250);
  EXPECT_NEAR(sampler.draw(0, 140, {}).log_expected[0], std::log(140.0 * std::sqrt(static_cast<double>(plays[static_cast<size_t>(sampler.draw(0, 140, {}).tracks[0])])) / 14), 1e-5);
}

}  // namespace
}  // namespace segue
