#include "ranking/item_knn.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ranking/tiny.h"

namespace segue {
namespace {

using namespace testing_logs;

// Listener b: 1 2 1 | 3, listener c: 2.
Log small() { return tiny_log({{0, 1, 0}, {1, 1, 0}, {1, 2, 1}, {1, 1, 2}, {1, 3, 90, true}, {2, 2, 0}}, 4); }

TEST(ItemKnn, ComparesPairsInASessionWithThePlaysOfBoth) {
  const auto log = small();
  const ItemKnn ranker({log});
  ASSERT_EQ(ranker.neighbours(1).size(), 1u);
  EXPECT_EQ(ranker.neighbours(1)[0].track, 2);
  EXPECT_NEAR(ranker.neighbours(1)[0].similarity, 2 / std::sqrt(3.0 * 2.0), 1e-12);
  EXPECT_TRUE(ranker.neighbours(3).empty());
}

TEST(ItemKnn, LooksNoFurtherThanTheWindow) {
  const auto log = tiny_log({{0, 1, 0}, {0, 2, 1}, {0, 3, 2}}, 4);
  const ItemKnn ranker({log}, {.window = 1});
  ASSERT_EQ(ranker.neighbours(1).size(), 1u);
  EXPECT_EQ(ranker.neighbours(1)[0].track, 2);
}

TEST(ItemKnn, KeepsTheLowerNumberOfEquallySimilarTracks) {
  const auto log = tiny_log({{0, 3, 0}, {0, 1, 1}, {0, 2, 2}}, 4);
  const ItemKnn ranker({log}, {.neighbours = 1});
  ASSERT_EQ(ranker.neighbours(1).size(), 1u);
  EXPECT_EQ(ranker.neighbours(1)[0].track, 2);
}

TEST(ItemKnn, LeavesOutTracksOutsideTheCatalogue) {
  auto log = small();
  log.in_catalogue[2] = 0;
  const ItemKnn ranker({log});
  EXPECT_TRUE(ranker.neighbours(1).empty());
  EXPECT_TRUE(ranker.neighbours(2).empty());
}

TEST(ItemKnn, HalvesAPlayEveryEightPlays) {
  const auto log = small();
  const ItemKnn ranker({log});
  const auto scorer = ranker.read(-1);
  scorer->hear({1, 0, 0, true});
  Scores now(4), later(4);
  scorer->score(0, now);
  for (int i = 0; i < 8; ++i) scorer->hear({3, 0, 0, false});
  scorer->score(0, later);
  EXPECT_NEAR(later[2], now[2] / 2, 1e-12);
}

}  // namespace
}  // namespace segue
