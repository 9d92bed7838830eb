#include "audio/fourier.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_fft_r2c.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/view_as_real.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "core/tensor.h"

namespace segue {
namespace {

float* data(const Tensor& x) { return x.mutable_data_ptr<float>(); }

double distance(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>() / b.abs().max().item<double>(); }

class EveryFourier : public testing::TestWithParam<bool> {};

TEST_P(EveryFourier, IsThatOfLibtorchThereAndBack) {
  for (const int64_t length : {4, 6, 8, 10, 18, 30, 50, 96, 200, 216, 250, 256, 400, 512, 720, 2048, 8192}) {
    const Fourier fourier(length, GetParam());
    const Tensor series = at::randn({length, 8}), room = at::empty({length, 8}), spectrum = at::empty({fourier.bins(), 2, 8}), power = at::empty({fourier.bins(), 8});
    const Tensor wanted = at::view_as_real(at::_fft_r2c(series, {0}, 0, true)).permute({0, 2, 1});  // [bins, 2, 8]
    const Tensor one = series.clone(), two = series.clone(), other = at::empty({length, 8});
    fourier.spectrum(data(one), data(room), data(spectrum));
    EXPECT_LT(distance(spectrum, wanted), 1e-6) << length;
    fourier.power(data(two), data(room), data(power));
    EXPECT_LT(distance(power, wanted.square().sum(1)), 2e-6) << length;
    const float* back = fourier.series(data(spectrum), data(other), data(room));
    for (int64_t t = 0; t < length; ++t) {
      for (int64_t l = 0; l < 8; ++l) ASSERT_NEAR(back[8 * (t ^ 1) + l] / static_cast<float>(length), data(series)[8 * t + l], 3e-6) << length << " " << t;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Loops, EveryFourier, testing::Values(false, true), [](const auto& row) { return row.param ? "plain" : "chosen"; });

TEST(Fourier, SaysWhichLengthsWillDo) {
  for (const int64_t bad : {0, 2, 7, 9, 14, 22, -4}) EXPECT_THROW(Fourier{bad}, std::invalid_argument) << bad;
  EXPECT_EQ(Fourier::length_for(1), 4);
  EXPECT_EQ(Fourier::length_for(96), 96);
  EXPECT_EQ(Fourier::length_for(687), 720);
  EXPECT_EQ(Fourier::length_for(2047), 2048);
}

}  // namespace
}  // namespace segue
