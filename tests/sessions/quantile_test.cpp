#include "sessions/quantile.h"

#include <gtest/gtest.h>

namespace segue {
namespace {

// Value number floor((n - 1) q + 1/2) of the sorted ones, from 0.
TEST(NearestQuantile, RoundsHalvesUp) {
  EXPECT_EQ(nearest_quantile({7}, 9, 10), 7);
  EXPECT_EQ(nearest_quantile({2, 1}, 9, 10), 2);        // floor(1.4)
  EXPECT_EQ(nearest_quantile({2, 1}, 1, 2), 2);         // floor(0.5 + 0.5) = 1
  EXPECT_EQ(nearest_quantile({5, 4, 3, 2, 1, 0}, 9, 10), 5);  // floor(5.0): 4.5 goes up
  EXPECT_EQ(nearest_quantile({10, 0, 20, 30, 40}, 1, 4), 10);
}

TEST(Cutoffs, LieAtTheNinthTenthOfAllAndOfWhatIsNotAfterIt) {
  const auto cut = cutoffs_of({0, 10, 20, 30, 40, 50, 60, 70, 80, 90});
  EXPECT_EQ(cut.test, 80);  // number floor(8.6)
  EXPECT_EQ(cut.val, 70);   // of nine, number floor(7.7)
}

TEST(Cutoffs, TakeAllTimesEqualToTheTestCutForValidation) {
  const auto cut = cutoffs_of({1, 2, 3, 3, 3});  // number floor(4.1) is 3; all five are not after it
  EXPECT_EQ(cut.test, 3);
  EXPECT_EQ(cut.val, 3);
}

TEST(Cutoffs, OfNothingPutEverythingAfterThem) { EXPECT_EQ(cutoffs_of({}).test, INT64_MIN); }

}  // namespace
}  // namespace segue
