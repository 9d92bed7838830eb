#include <ATen/TensorOperators.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <cmath>

#include "training/adam.h"

namespace segue {
namespace {

TEST(Adam, MovesTheRowsThatAStepTouchedAsThePaperSaysAndNoOthers) {
  at::manual_seed(1);
  const Tensor table = at::randn({1500, 3});
  const Adam::Options options{.table_rate = 0.1, .beta_1 = 0.8, .beta_2 = 0.9, .epsilon = 1e-6, .table_decay = 0.5, .clip = 0};
  Tensor moved = table.clone();
  Adam adam(options, {}, {{"table", moved}});
  std::vector<int64_t> rows;  // more than one thread takes at a time, and not all
  for (int64_t r = 1; r < 1500; r += 2) rows.push_back(r);
  const auto n = std::ssize(rows);
  const Tensor row = tensor_of(rows, {n}), first = at::randn({n, 3}), second = at::randn({n, 3});
  adam.step(1, {{"table", {row, first}}});
  adam.step(0.5, {{"table", {row, second}}});
  for (int64_t i = 0; i < n; i += 37) {
    for (int64_t d = 0; d < 3; ++d) {
      double w = table[rows[static_cast<size_t>(i)]][d].item<double>(), m = 0, v = 0;
      for (int step = 1; step <= 2; ++step) {
        const double g = (step == 1 ? first : second)[i][d].item<double>(), rate = step == 1 ? 0.1 : 0.05;
        m = 0.8 * m + 0.2 * g;
        v = 0.9 * v + 0.1 * g * g;
        w = w * (1 - rate * 0.5) - rate * (m / (1 - std::pow(0.8, step))) / (std::sqrt(v / (1 - std::pow(0.9, step))) + 1e-6);
      }
      EXPECT_NEAR(moved[rows[static_cast<size_t>(i)]][d].item<double>(), w, 1e-5);
    }
  }
  for (int64_t r = 0; r < 1500; r += 2) EXPECT_TRUE(moved[r].equal(table[r])) << r;
}

}  // namespace
}  // namespace segue
