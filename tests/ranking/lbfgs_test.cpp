#include "ranking/lbfgs.h"

#include <gtest/gtest.h>

#include <cmath>

namespace segue {
namespace {

TEST(Minimise, FindsTheBottomOfALongValley) {
  // (x - 1)² + 1000 (y + 2)² + (z - 3)⁴
  const auto valley = [](const std::vector<double>& x, std::vector<double>& gradient) {
    const double a = x[0] - 1, b = x[1] + 2, c = x[2] - 3;
    gradient = {2 * a, 2000 * b, 4 * c * c * c};
    return a * a + 1000 * b * b + c * c * c * c;
  };
  std::vector<double> x(3, 0.0);
  EXPECT_NEAR(minimise(valley, x, {.steps = 500, .tolerance = 0}), 0, 1e-8);
  EXPECT_NEAR(x[0], 1, 1e-4);
  EXPECT_NEAR(x[1], -2, 1e-4);
  EXPECT_NEAR(x[2], 3, 0.03);
}

TEST(Minimise, StaysWhereNothingIsLower) {
  std::vector<double> x{2};
  const auto flat = [](const std::vector<double>&, std::vector<double>& gradient) {
    gradient = {0};
    return 5.0;
  };
  EXPECT_EQ(minimise(flat, x), 5.0);
  EXPECT_EQ(x[0], 2);
}

}  // namespace
}  // namespace segue
