#include "core/numpy_random.h"

#include <gtest/gtest.h>

namespace segue {
namespace {

// python -c "import numpy as np; np.random.seed(27); p = np.arange(20, 0, -1.0) / 210;
//            print(np.random.choice(20, 15, replace=False, p=p).tolist())"      (numpy 2.4.6)
TEST(NumpyChoice, DrawsWhatNumpyDraws) {
  std::vector<double> p;
  for (int i = 20; i > 0; --i) p.push_back(i / 210.0);
  EXPECT_EQ(numpy_choice(27, p, 15), (std::vector<int64_t>{4, 11, 9, 13, 17, 2, 10, 8, 12, 1, 3, 7, 0, 5, 15}));
}

// python -c "import numpy as np; np.random.seed(27); c = 2000 // np.arange(1, 2001) + 1; p = [x / int(c.sum()) for x in c.tolist()];
//            d = np.random.choice(2000, 1500, replace=False, p=p); print(d[:8], d[-8:], (d * np.arange(1, 1501)).sum())"
TEST(NumpyChoice, DrawsAgainWhatARoundDrewTwice) {
  std::vector<double> count;
  double sum = 0;
  for (int i = 1; i <= 2000; ++i) {
    count.push_back(2000 / i + 1);
    sum += count.back();
  }
  for (double& c : count) c /= sum;
  const auto drawn = numpy_choice(27, count, 1500);
  EXPECT_EQ(std::vector<int64_t>(drawn.begin(), drawn.begin() + 8), (std::vector<int64_t>{22, 604, 323, 895, 15, 1820, 1064, 3}));
  EXPECT_EQ(std::vector<int64_t>(drawn.end() - 8, drawn.end()), (std::vector<int64_t>{267, 1034, 1030, 1513, 1098, 1182, 1589, 545}));
  int64_t check = 0;
  for (size_t i = 0; i < drawn.size(); ++i) check += drawn[i] * static_cast<int64_t>(i + 1);
  EXPECT_EQ(check, 1143995424);
}

TEST(NumpyChoice, RefusesMoreThanThereIs) { EXPECT_THROW(numpy_choice(1, {0.5, 0, 0.5}, 3), std::invalid_argument); }

}  // namespace
}  // namespace segue
