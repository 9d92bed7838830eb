#include "layers/frozen_matrix.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>

#include "layers/linear.h"
#include "layers/tiled_products.h"
#include "layers/weight_kernels.h"

namespace segue {
namespace {

double off(const Tensor& a, const Tensor& b) { return ((a - b).norm() / b.norm()).item<double>(); }

class EveryStorage : public testing::TestWithParam<std::string> {
 protected:
  Storage storage() const { return storages().at(GetParam()); }
};

/// Widths that end within a block, at one, and after several panels; rows for each of the ways to multiply.
struct Shape {
  int64_t n, out, in;
};
const std::vector<Shape> shapes{{1, 1, 1}, {1, 7, 64}, {2, 50, 24}, {3, 25, 100}, {4, 31, 192}, {5, 64, 128}, {8, 9, 2048}, {9, 100, 2112}, {33, 70, 4900},
                                {40, 65, 31},  {100, 330, 257}, {1030, 40, 72}};

TEST_P(EveryStorage, MultipliesAsItsOwnNumbersDo) {
  at::manual_seed(1);
  for (const auto& [n, out, in] : shapes) {
    const FrozenMatrix matrix(at::randn({out, in}) * 0.1, storage());
    const Tensor x = at::randn({n, in}), bias = at::randn({out}), slope = at::randn({n, out}), numbers = matrix.numbers();
    ASSERT_EQ(numbers.sizes(), at::IntArrayRef({out, in}));
    EXPECT_LT(off(matrix.product(x, bias), at::linear(x, numbers, bias)), 5e-5) << n << " " << out << " " << in;
    EXPECT_LT(off(matrix.product(x), at::linear(x, numbers)), 5e-5) << n << " " << out << " " << in;
    EXPECT_LT(off(matrix.product_back(slope), at::mm(slope, numbers)), 5e-6) << n << " " << out << " " << in;
  }
}

TEST_P(EveryStorage, IsNearToWhatItKeeps) {
  at::manual_seed(2);
  const Tensor weight = at::randn({40, 300}) * at::randn({40, 1}).exp();
  const double most = storage() == Storage::f32 ? 0 : storage() == Storage::bf16 ? 0.002 : storage() == Storage::int8 ? 0.01 : 0.1;
  const FrozenMatrix matrix(weight, storage());
  for (int64_t row = 0; row < 40; ++row) EXPECT_LE(off(matrix.numbers()[row], weight[row]), most);
  const double bits = 8.0 * static_cast<double>(FrozenMatrix(at::randn({64, 1024}), storage()).bytes()) / (64 * 1024);
  EXPECT_LE(bits, storage() == Storage::f32 ? 32 : storage() == Storage::bf16 ? 16 : storage() == Storage::int8 ? 8.04 : 4.13);
}

TEST_P(EveryStorage, KeepsNothingsAndRefusesToHideWhatIsNotANumber) {
  Tensor weight = at::zeros({3, 130});
  weight[1][7] = 2;
  const FrozenMatrix matrix(weight, storage());
  EXPECT_LT((matrix.numbers() - weight).abs().max().item<double>(), 1e-6);
  for (const float strange : {NAN, INFINITY}) {
    Tensor x = at::ones({2, 130});
    x[1][7] = strange;
    const Tensor y = matrix.product(x);
    EXPECT_NEAR(y[0][1].item<double>(), 2, 1e-4);
    EXPECT_FALSE(std::isfinite(y[1][1].item<double>()));
  }
}

TEST_P(EveryStorage, GivesTheSlopesOfItsOwnNumbers) {
  at::manual_seed(3);
  const FrozenMatrix matrix(at::randn({30, 70}), storage());
  const Tensor x = at::randn({2, 6, 70}), a = at::randn({4, 70}), b = at::randn({30, 4}), by = at::randn({2, 6, 30});
  for (const bool adapted : {false, true}) {
    const auto with_gradient = [&](const FrozenMatrix& weight) {
      const Tensor from = x.clone().requires_grad_();
      FrozenLinear layer{weight, at::randn({30})};
      if (adapted) layer.adapter = LoraFactors{a.clone().requires_grad_(), b.clone().requires_grad_(), 0.5, 0};
      (layer.forward(from) * by).sum().backward();
      std::vector<Tensor> all{from.grad()};
      if (adapted) all.insert(all.end(), {layer.adapter->a.grad(), layer.adapter->b.grad()});
      return all;
    };
    const auto ours = with_gradient(matrix), plain = with_gradient(matrix.numbers());
    for (size_t i = 0; i < ours.size(); ++i) EXPECT_LT(off(ours[i], plain[i]), 1e-5) << adapted << " " << i;
  }
}

TEST_P(EveryStorage, GivesARowTheSameBitsBesideAnyOthers) {
  if (storage() == Storage::f32) GTEST_SKIP() << "its products are the library's, which multiplies few rows in another order";
  at::manual_seed(4);
  const FrozenMatrix matrix(at::randn({50, 4200}), storage());
  const Tensor x = at::randn({1100, 4200}), slope = at::randn({1100, 50});
  const bool bytes = storage() != Storage::bf16, tiles = multiplies_in_tiles(matrix, 33);
  if (!bytes && !tiles) GTEST_SKIP() << "this processor multiplies many rows of bf16 as the library does";
  const auto equal = [&](int64_t n, int64_t others) {
    const bool product = matrix.product(x.narrow(0, 3, n)).equal(matrix.product(x.narrow(0, 0, others)).narrow(0, 3, n));
    return product && (!tiles || n <= 32 || matrix.product_back(slope.narrow(0, 3, n)).equal(matrix.product_back(slope.narrow(0, 0, others)).narrow(0, 3, n)));
  };
  for (int64_t n = 1; n < 12 && bytes; ++n) EXPECT_TRUE(equal(n, 30)) << n;
  for (const int64_t n : {33, 40, 64, 1030}) EXPECT_TRUE(equal(n, 1100)) << n;
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryStorage, testing::ValuesIn(storages().names()), [](const auto& row) { return row.param; });

TEST(WeightKernels, AgreeWithThePlainOnes) {
  at::manual_seed(5);
  const auto &plain = weight_kernels_plain(), &fast = weight_kernels();
  const int64_t n = 448;
  const Tensor x = at::randn({5, n}), w = at::randn({7, n}), bytes = at::randint(256, {n}, at::kByte);
  const auto whole = [&](const WeightKernels& kernels, const Tensor& from) {
    std::pair<std::vector<int16_t>, std::vector<float>> made{std::vector<int16_t>(static_cast<size_t>(from.numel())), {}};
    made.second.resize(static_cast<size_t>(from.size(0) * ((n + WeightKernels::wide_block - 1) / WeightKernels::wide_block)));
    const int64_t scales = std::ssize(made.second) / from.size(0);
    for (int64_t r = 0; r < from.size(0); ++r) kernels.whole(from[r].const_data_ptr<float>(), n, made.first.data() + r * n, made.second.data() + r * scales);
    return made;
  };
  std::vector<int16_t> one(static_cast<size_t>(n)), other(static_cast<size_t>(n));
  plain.look_up(bytes.const_data_ptr<uint8_t>(), n, one.data());
  fast.look_up(bytes.const_data_ptr<uint8_t>(), n, other.data());
  EXPECT_EQ(one, other);
  const auto* const signed_bytes = reinterpret_cast<const int8_t*>(bytes.const_data_ptr<uint8_t>());
  plain.widen(signed_bytes, n, one.data());
  fast.widen(signed_bytes, n, other.data());
  EXPECT_EQ(one, other);
  const Tensor halves = w[0].to(at::kBFloat16), rows = at::randn({8, n});
  const auto* const codes = reinterpret_cast<const uint16_t*>(halves.const_data_ptr<at::BFloat16>());
  for (int64_t count = 1; count <= WeightKernels::few; ++count) {
    std::vector<float> y(8, 1), z(8, 1);
    plain.few_halves(rows.const_data_ptr<float>(), n, count, codes, n - 5, 1024, y.data(), 1);
    fast.few_halves(rows.const_data_ptr<float>(), n, count, codes, n - 5, 1024, z.data(), 1);
    for (size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(y[i], z[i], 1e-4 * (1 + std::abs(y[i]))) << count;
  }
  for (const bool blockwise : {false, true}) {
    const auto xs = whole(plain, x);
    auto ws = whole(plain, w);
    for (auto& code : ws.first) code = static_cast<int16_t>(code / (blockwise ? 4 : 258));  // as those of nf4 and int8 are at most
    EXPECT_EQ(xs, whole(fast, x));
    const std::vector<float> levels(static_cast<size_t>(7 * (blockwise ? n / WeightKernels::block : 1)), 0.003F);
    std::vector<float> y(35, 1), z(35, 1);
    const int64_t scales = std::ssize(xs.second) / 5;
    const WholeNumbers from{xs.first.data(), n, xs.second.data(), scales}, of{ws.first.data(), n, levels.data(), std::ssize(levels) / 7};
    plain.products(from, 5, of, 7, n, blockwise, y.data(), 7);
    fast.products(from, 5, of, 7, n, blockwise, z.data(), 7);
    for (size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(y[i], z[i], 1e-4 * (1 + std::abs(y[i]))) << i;
  }
}

TEST(WeightKernels, GiveTheSameBitsWithWiderInstructions) {
  if (weight_kernels_avx512() == nullptr) GTEST_SKIP() << "this processor has no AVX-512 for whole numbers";
  at::manual_seed(6);
  const auto &narrow = *weight_kernels_avx2(), &wide = *weight_kernels_avx512();
  for (const int64_t n : {64, 448, 1280}) {
    const Tensor codes = at::randint(-32767, 32768, {8, n}, at::kShort), bytes = at::randint(-127, 128, {n}, at::kChar), nibbles = at::randint(256, {n / 2}, at::kByte);
    const Tensor steps = at::randn({8, 5}), scales = at::randn({n / 64});
    const WholeNumbers x{codes.const_data_ptr<int16_t>(), n, steps.const_data_ptr<float>(), 5};
    for (int64_t rows = 1; rows <= WeightKernels::few; ++rows) {
      std::vector<float> a(8, 1), b(8, 1), c(8, 1), d(8, 1);
      narrow.few_bytes(x, rows, bytes.const_data_ptr<int8_t>(), 0.3F, n, 1024, a.data(), 1);
      wide.few_bytes(x, rows, bytes.const_data_ptr<int8_t>(), 0.3F, n, 1024, b.data(), 1);
      narrow.few_nibbles(x, rows, nibbles.const_data_ptr<uint8_t>(), scales.const_data_ptr<float>(), n, 1024, c.data(), 1);
      wide.few_nibbles(x, rows, nibbles.const_data_ptr<uint8_t>(), scales.const_data_ptr<float>(), n, 1024, d.data(), 1);
      EXPECT_EQ(a, b) << rows << " of " << n;
      EXPECT_EQ(c, d) << rows << " of " << n;
    }
  }
}

}  // namespace
}  // namespace segue
