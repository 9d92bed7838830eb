#include "core/pool.h"

#include <gtest/gtest.h>

#include "core/marks.h"

namespace segue {
namespace {

TEST(Pool, MakesOnlyAsManyAsAreInUseAtOnce) {
  int made = 0;
  const Pool<int> pool([&] { return std::make_unique<int>(++made); });
  for (int i = 0; i < 3; ++i) {
    const auto one = pool.lease(), other = pool.lease();
    EXPECT_NE(one.get(), other.get());
  }
  EXPECT_EQ(made, 2);
}

TEST(Marks, ForgetsAllNumbersAtOnce) {
  Marks marks(3);
  EXPECT_FALSE(marks.has(1));
  marks.set(1, 7);
  ASSERT_TRUE(marks.has(1));
  EXPECT_EQ(marks[1], 7u);
  marks.clear();
  EXPECT_FALSE(marks.has(1));
}

TEST(Marks, KeepsNumbersWhereItGrows) {
  Marks marks(1);
  marks.set(0, 5);
  marks.reach(4);
  EXPECT_TRUE(marks.has(0));
  EXPECT_FALSE(marks.has(3));
  marks.reach(2);
  EXPECT_EQ(marks.keys(), 4u);
}

}  // namespace
}  // namespace segue
