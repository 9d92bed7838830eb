#include "ranking/coarse_vectors.h"

#include <gtest/gtest.h>

#include <string>

#include "ranking/packed_world.h"

namespace segue {
namespace {

void expect_same(const std::vector<std::vector<ScoredTrack>>& found, const std::vector<std::vector<ScoredTrack>>& exact) {
  ASSERT_EQ(found.size(), exact.size());
  for (size_t q = 0; q < found.size(); ++q) {
    ASSERT_EQ(found[q].size(), exact[q].size()) << "query " << q;
    for (size_t i = 0; i < found[q].size(); ++i) {
      EXPECT_EQ(found[q][i].track, exact[q][i].track) << "query " << q << ", place " << i;
      EXPECT_EQ(found[q][i].score, exact[q][i].score) << "query " << q << ", place " << i;
    }
  }
}

class EveryCoarse : public testing::TestWithParam<Instructions> {};

TEST_P(EveryCoarse, FindTheVeryBestThatF32Finds) {
  for (const bool ties : {false, true}) {
    for (const int64_t n : {1, 17, 64, 3000}) {
      for (const int64_t d : {1, 2, 13, 64}) {
        const World world(n, d, 11, static_cast<uint64_t>(n + d), ties);
        const PackedVectors packed(world.vectors, d, {.bias = world.bias, .instructions = GetParam()});
        const CoarseVectors coarse(packed);
        for (const int64_t k : {0, 1, 20, 5000}) {
          expect_same(coarse.best(world.asked(), k, world.members), packed.best(world.asked(), k, world.members));
        }
      }
    }
  }
}

TEST_P(EveryCoarse, ScoreFewTracksAgain) {
  const int64_t n = 20000, d = 64, q = 12;
  const auto vectors = numbers(n * d, 1), queries = numbers(q * d, 2);
  const PackedVectors packed(vectors, d, {.instructions = GetParam()});
  const Catalogue everything(std::vector<uint8_t>(n, 1), std::vector<int64_t>(n));
  CoarseVectors::Work work;
  expect_same(CoarseVectors(packed).best({queries}, 20, everything, &work), packed.best({queries}, 20, everything));
  EXPECT_GE(work.scored_again, 20 * q);
  EXPECT_LT(work.scored_again, 100 * q);
}

TEST_P(EveryCoarse, GiveTheSameSumsAsThePlainOnes) {
  for (const int64_t width : {4, 12, 64, 100}) {
    std::vector<uint8_t> codes(static_cast<size_t>(width * 64), 255);  // the greatest sums there are
    std::vector<int8_t> queries(static_cast<size_t>(width * 6), 63);
    Random random(1);
    for (size_t i = 0; i < codes.size() / 2; ++i) codes[i] = static_cast<uint8_t>(1 + random.below(255));
    for (size_t i = 0; i < queries.size() / 2; ++i) {
      queries[i] = static_cast<int8_t>(static_cast<int>(random.below(127)) - CoarseQueries::most);
    }
    const auto scale = numbers(64, 1), bias = numbers(64, 2), scales = numbers(6, 3);
    const std::vector<int32_t> offset = {1, 2, 3, -4, 5, 6};
    const CoarseBlock block{codes.data(), scale.data(), bias.data(), width};
    const CoarseQueries asked{queries.data(), scales.data(), offset.data()};
    for (int64_t count = 1; count <= 6; ++count) {
      std::vector<float> plain(static_cast<size_t>(count * 64)), found = plain;
      packed_kernels(Instructions::plain).score_coarse(block, asked, count, plain.data());
      packed_kernels(GetParam()).score_coarse(block, asked, count, found.data());
      EXPECT_EQ(found, plain) << width << " numbers, queries: " << count;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(CoarseVectors, EveryCoarse, testing::ValuesIn(instructions_here()),
                         [](const auto& row) { return name_of(row.param); });

// Scores that differ by less than 8 bits tell apart: nearly all must be scored again, and the order is still right.
TEST(CoarseVectors, AreRightWhereRoundingCannotTellTracksApart) {
  const int64_t n = 700, d = 8;
  auto vectors = numbers(n * d, 1);
  for (auto& x : vectors) x = 1 + x * 1e-6f;
  const auto queries = numbers(3 * d, 2);
  const PackedVectors packed(vectors, d);
  const Catalogue everything(std::vector<uint8_t>(n, 1), std::vector<int64_t>(n));
  CoarseVectors::Work work;
  expect_same(CoarseVectors(packed).best({queries}, 20, everything, &work), packed.best({queries}, 20, everything));
  EXPECT_GT(work.scored_again, 3 * n / 2);
}

TEST(CoarseVectors, LeaveNumbersWithoutABoundToF32) {
  for (const float scale : {1e-42f, 1e-30f, 1e19f, 1e38f}) {
    auto vectors = numbers(200 * 3, 1), queries = numbers(4 * 3, 2);
    for (auto* const all : {&vectors, &queries}) {
      for (auto& x : *all) x *= scale;
    }
    const PackedVectors packed(vectors, 3);
    const Catalogue everything(std::vector<uint8_t>(200, 1), std::vector<int64_t>(200));
    CoarseVectors::Work work;
    expect_same(CoarseVectors(packed).best({queries}, 20, everything, &work), packed.best({queries}, 20, everything));
    EXPECT_EQ(work.beyond_bounds, scale > 1);
  }
}

}  // namespace
}  // namespace segue
