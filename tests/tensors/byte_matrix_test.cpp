#include "layers/byte_matrix.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <array>

#include "layers/byte_kernels.h"

namespace segue {
namespace {

TEST(ByteMatrix, MultipliesWithinItsSteps) {
  at::manual_seed(1);
  for (const auto& [n, in, out] : std::vector<std::array<int64_t, 3>>{{1, 4, 16}, {3, 5, 1}, {4, 64, 33}, {9, 30, 48}, {65, 384, 100}}) {
    const Tensor x = at::randn({n, in}) + 0.3, w = at::randn({out, in}), bias = at::randn({out});
    const Tensor made = ByteMatrix(w).product(x, bias), exact = at::linear(x, w, bias);
    EXPECT_LT(((made - exact).pow(2).sum() / (exact - bias).pow(2).sum()).item<double>(), 4e-4) << n << " " << in << " " << out;
    EXPECT_LT((ByteMatrix(w).product(x) + bias - made).abs().max().item<double>(), 1e-5);
  }
}

TEST(ByteMatrix, IsExactForWholeNumbersThatItHolds) {
  const Tensor w = at::tensor({63.0F, -63.0F, 1.0F, 0.0F, 5.0F, 63.0F}).view({2, 3}), x = at::tensor({0.0F, 255.0F, 7.0F, 0.0F, 1.0F, 255.0F}).view({2, 3});
  EXPECT_LT((ByteMatrix(w).product(x) - x.matmul(w.t())).abs().max().item<double>(), 2e-2);
}

TEST(ByteMatrix, GivesARowTheSameByItselfAndAmongOthers) {
  at::manual_seed(2);
  const Tensor x = at::randn({37, 50}), w = at::randn({40, 50});
  const ByteMatrix matrix(w);
  const Tensor all = matrix.product(x);
  for (int64_t r = 0; r < x.size(0); ++r) EXPECT_TRUE(matrix.product(x.narrow(0, r, 1)).equal(all.narrow(0, r, 1))) << r;
}

TEST(ByteMatrix, BearsZerosAndRowsOfOneNumber) {
  const Tensor w = at::cat({at::zeros({1, 8}), at::randn({2, 8})}), x = at::cat({at::zeros({1, 8}), at::zeros({1, 8}) + 3});
  const Tensor made = ByteMatrix(w).product(x);
  EXPECT_TRUE(made.isfinite().all().item<bool>());
  EXPECT_LT((made - x.matmul(w.t())).abs().max().item<double>(), 0.3);
  EXPECT_EQ(made[0].abs().max().item<double>(), 0);
}

TEST(ByteKernels, AreTheSameOnEveryProcessor) {
  at::manual_seed(3);
  for (const int64_t n : {4, 20, 384}) {
    const Tensor x = at::randn({5, n});
    std::vector<uint8_t> codes(static_cast<size_t>(5 * n)), others(codes);
    for (int64_t r = 0; r < 5; ++r) {
      float a[2], b[2];
      byte_kernels().round(x.const_data_ptr<float>() + r * n, n, codes.data() + r * n, a, a + 1);
      byte_kernels_plain().round(x.const_data_ptr<float>() + r * n, n, others.data() + r * n, b, b + 1);
      EXPECT_EQ(a[0], b[0]);
      EXPECT_EQ(a[1], b[1]);
    }
    EXPECT_EQ(codes, others);
    std::vector<int8_t> w(static_cast<size_t>(16 * n));
    for (size_t i = 0; i < w.size(); ++i) w[i] = static_cast<int8_t>(i * 37 % 127) - 63;
    for (int64_t rows = 1; rows <= 4; ++rows) {
      std::vector<int32_t> sums(64), plain(64);
      byte_kernels().products(codes.data(), n, rows, w.data(), n, sums.data());
      byte_kernels_plain().products(codes.data(), n, rows, w.data(), n, plain.data());
      EXPECT_EQ(sums, plain);
    }
  }
}

}  // namespace
}  // namespace segue
