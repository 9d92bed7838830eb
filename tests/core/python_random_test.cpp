#include "core/python_random.h"

#include <gtest/gtest.h>

namespace segue {
namespace {

// python3 -c "import random; r=random.Random(42); print(r.sample(range(34),3), r.sample(range(841),84)[:5], [r.randint(1,383670) for _ in range(3)])"
TEST(PythonRandom, DrawsWhatPythonDraws) {
  PythonRandom random(42);
  EXPECT_EQ(random.sample(34, 3), (std::vector<uint32_t>{7, 1, 17}));
  const auto many = random.sample(841, 84);
  EXPECT_EQ(std::vector<uint32_t>(many.begin(), many.begin() + 5), (std::vector<uint32_t>{250, 228, 142, 754, 104}));
  for (const uint32_t id : std::vector<uint32_t>{332912, 89726, 280044}) EXPECT_EQ(1 + random.below(383670), id);
}

TEST(PythonRandom, RoundsHalfToEven) {
  EXPECT_EQ(python_round(2.5), 2);
  EXPECT_EQ(python_round(3.5), 4);
  EXPECT_EQ(python_round(81.4), 81);
}

}  // namespace
}  // namespace segue
