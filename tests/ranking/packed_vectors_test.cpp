#include "ranking/packed_vectors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "core/error.h"
#include "core/parallel.h"
#include "ranking/packed_world.h"

namespace segue {
namespace {

struct Threads {
  explicit Threads(int count) { set_threads(count); }
  ~Threads() { set_threads(0); }
};

std::vector<uint32_t> bits_of(const std::vector<float>& scores) {
  std::vector<uint32_t> bits;
  for (const float score : scores) bits.push_back(std::bit_cast<uint32_t>(score));
  return bits;
}

std::vector<uint32_t> scores(const PackedVectors& packed, const std::vector<float>& queries) {
  std::vector<float> out(queries.size() / static_cast<size_t>(packed.width()) * static_cast<size_t>(packed.tracks()));
  packed.score(queries, out);
  return bits_of(out);
}

std::vector<ScoredTrack> best_by_hand(const World& world, int64_t q, int64_t k, const Catalogue& catalogue) {
  std::vector<ScoredTrack> all;
  for (int32_t j = 0; j < world.tracks; ++j) {
    if (catalogue.has(j) && world.score(q, j) > never) all.push_back({j, world.score(q, j)});
  }
  std::stable_sort(all.begin(), all.end(), [&](const ScoredTrack& a, const ScoredTrack& b) {
    return a.score != b.score ? a.score > b.score : catalogue.plays(a.track) > catalogue.plays(b.track);
  });
  all.resize(std::min(all.size(), static_cast<size_t>(k)));
  return all;
}

class EveryInstructions : public testing::TestWithParam<Instructions> {};

TEST_P(EveryInstructions, GiveTheSameBitsAsThePlainOnes) {
  for (const int64_t n : {1, 15, 16, 17, 63, 64, 65, 1000, 1031}) {
    for (const int64_t d : {1, 3, 8, 48, 64, 100}) {
      const auto vectors = numbers(n * d, 1), bias = numbers(n, 2);
      const PackedVectors plain(vectors, d, {.bias = bias, .instructions = Instructions::plain});
      const PackedVectors packed(vectors, d, {.bias = bias, .instructions = GetParam()});
      for (const int64_t q : {1, 2, 3, 4, 5, 6, 7, 13}) {
        const auto queries = numbers(q * d, 3);
        ASSERT_EQ(scores(plain, queries), scores(packed, queries)) << n << " tracks of " << d << ", queries: " << q;
      }
    }
  }
}

TEST_P(EveryInstructions, ScoreAlikeInABatchAndAlone) {
  const int64_t n = 300, d = 19, q = 300;  // more queries than go past a block at once
  const auto vectors = numbers(n * d, 1), queries = numbers(q * d, 2);
  const PackedVectors packed(vectors, d, {.instructions = GetParam()});
  const auto together = scores(packed, queries);
  for (int64_t i = 0; i < q; ++i) {
    const auto alone = scores(packed, {queries.begin() + i * d, queries.begin() + (i + 1) * d});
    ASSERT_TRUE(std::equal(alone.begin(), alone.end(), together.begin() + i * n)) << i;
    for (const int32_t j : {0, 63, 64, 299}) {
      EXPECT_EQ(std::bit_cast<uint32_t>(packed.product(queries.data() + i * d, j)), alone[static_cast<size_t>(j)]);
    }
  }
}

TEST_P(EveryInstructions, FindTheBestThatALookAtAllScoresFinds) {
  for (const bool ties : {false, true}) {
    for (const int64_t n : {1, 17, 64, 700}) {
      const World world(n, ties ? 2 : 13, 11, static_cast<uint64_t>(n), ties);
      const PackedVectors packed(world.vectors, world.width, {.bias = world.bias, .instructions = GetParam()});
      for (const int64_t k : {0, 1, 20, 1000}) {
        const auto best = packed.best(world.asked(), k, world.members);
        for (int64_t q = 0; q < world.count; ++q) {
          const auto expected = best_by_hand(world, q, k, world.members);
          const auto& found = best[static_cast<size_t>(q)];
          ASSERT_EQ(found.size(), expected.size()) << n << " tracks, k " << k << ", query " << q;
          for (size_t i = 0; i < found.size(); ++i) {
            EXPECT_EQ(found[i].track, expected[i].track) << n << " tracks, k " << k << ", query " << q << ", place " << i;
            EXPECT_EQ(found[i].score, expected[i].score);
          }
        }
      }
    }
  }
}

TEST_P(EveryInstructions, PlaceATargetWhereTheCatalogueDoes) {
  for (const bool ties : {false, true}) {
    for (const int64_t n : {1, 65, 700}) {
      const World world(n, ties ? 2 : 13, 40, static_cast<uint64_t>(n) + 50, ties);
      const PackedVectors packed(world.vectors, world.width, {.bias = world.bias, .instructions = GetParam()});
      const Catalogue* const both[] = {&world.members, &world.everything};
      const auto places = packed.place(world.asked(), world.targets, both);
      for (int64_t q = 0; q < world.count; ++q) {
        const auto target = world.targets[static_cast<size_t>(q)];
        if (world.score(q, target) == never) continue;
        Scores dense(n);
        auto all = dense.all();
        for (int32_t j = 0; j < n; ++j) all[static_cast<size_t>(j)] = world.score(q, j);
        for (size_t c = 0; c < 2; ++c) {
          if (!both[c]->has(target)) continue;
          const Place expected = both[c]->place(dense, target), found = places[c][static_cast<size_t>(q)];
          EXPECT_EQ(found.above, expected.above) << n << " tracks, query " << q;
          EXPECT_EQ(found.level, expected.level) << n << " tracks, query " << q;
        }
      }
    }
  }
}

TEST_P(EveryInstructions, AnswerAlikeOnOneThreadAndOnMany) {
  const World world(2000, 9, 30, 5, true);
  const PackedVectors packed(world.vectors, world.width, {.bias = world.bias, .instructions = GetParam()});
  const Catalogue* const both[] = {&world.members, &world.everything};
  const auto answer = [&](int threads) {
    const Threads wanted(threads);
    std::vector<double> all;
    for (const auto& list : packed.best(world.asked(), 20, world.members)) {
      for (const auto& [track, score] : list) all.insert(all.end(), {static_cast<double>(track), score});
    }
    for (const auto& places : packed.place(world.asked(), world.targets, both)) {
      for (const auto& [above, level] : places) all.insert(all.end(), {1.0 * above, 1.0 * level});
    }
    return all;
  };
  const auto alone = answer(1);
  for (const int threads : {2, 3, 7}) EXPECT_EQ(answer(threads), alone) << threads << " threads";
}

INSTANTIATE_TEST_SUITE_P(PackedVectors, EveryInstructions, testing::ValuesIn(instructions_here()),
                         [](const auto& row) { return name_of(row.param); });

// Four tracks of one number, 3, 2, 2 and 1, with 5, 1, 9 and 2 plays.
const std::vector<float> four = {3, 2, 2, 1};
const std::vector<float> ask = {1};
const Catalogue all_four({1, 1, 1, 1}, {5, 1, 9, 2});

std::vector<int32_t> best_of_four(const PackedVectors& packed, const std::vector<Adjustment>& adjustments, int64_t k) {
  const std::vector<std::vector<Adjustment>> lists = {adjustments};
  std::vector<int32_t> tracks;
  const auto best = packed.best({ask, lists}, k, all_four);
  for (const auto& one : best[0]) tracks.push_back(one.track);
  return tracks;
}

TEST(PackedVectors, OrderByScoreThenByPlays) {
  EXPECT_EQ(best_of_four({four, 1}, {}, 9), (std::vector<int32_t>{0, 2, 1, 3}));
}

TEST(PackedVectors, AddWhatAQueryAddsToATrack) {
  EXPECT_EQ(best_of_four({four, 1}, {{3, 2.5}, {0, -2.0}}, 3), (std::vector<int32_t>{3, 2, 1}));
}

TEST(PackedVectors, NeverBringATrackAtMinusInfinity) {
  const std::vector<float> bias = {never, 0, 0, 0};
  EXPECT_EQ(best_of_four({four, 1, {.bias = bias}}, {{2, never}}, 9), (std::vector<int32_t>{1, 3}));
}

TEST(PackedVectors, PlaceATargetThatNeverComesLevelWithOthersThatDoNot) {
  const std::vector<float> bias = {never, never, 0, 0};
  const PackedVectors packed(four, 1, {.bias = bias});
  const Catalogue same_plays({1, 1, 1, 1}, {1, 1, 1, 1});
  const Catalogue* const catalogue[] = {&same_plays};
  const std::vector<std::vector<Adjustment>> lists = {{{3, never}}};
  const auto place = packed.place({ask, lists}, std::vector<int32_t>{1}, catalogue)[0][0];
  EXPECT_EQ(place.above, 1);
  EXPECT_EQ(place.level, 2);
}

TEST(PackedVectors, PlaceAnAdjustedTargetWithinABillionth) {
  const PackedVectors packed(four, 1);
  const Catalogue* const catalogue[] = {&all_four};
  for (const auto& [amount, above] : {std::pair{1e-10, 1}, std::pair{-1e-10, 1}, std::pair{1e-7, 1}, std::pair{-1e-7, 2},
                                      std::pair{1.0, 0}, std::pair{1.0 - 1e-7, 1}}) {
    const std::vector<std::vector<Adjustment>> lists = {{{2, amount}}};  // level with track 1, which has fewer plays
    EXPECT_EQ(packed.place({ask, lists}, std::vector<int32_t>{2}, catalogue)[0][0].above, above) << amount;
  }
}

TEST(PackedVectors, HoldScoresThatGrowBeyondAllNumbers) {
  const float most = std::numeric_limits<float>::max();
  const PackedVectors packed(std::vector<float>{most, 1, -most}, 1);
  const std::vector<float> query = {most};
  const Catalogue three({1, 1, 1}, {1, 1, 1});
  const Catalogue* const catalogue[] = {&three};
  EXPECT_EQ(packed.best({query}, 9, three)[0].size(), 2u);  // the third is at -inf
  for (int32_t target = 0; target < 3; ++target) {
    EXPECT_EQ(packed.place({query}, std::vector{target}, catalogue)[0][0].above, target);
  }
}

TEST(PackedVectors, SayWhichNumberIsNotOne) {
  const auto message = [](const auto& what) {
    try {
      what();
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const float nan = std::nanf("");
  const std::vector<float> bad = {1, 2, 3, nan}, good = {1, 2, 3, 4};
  EXPECT_EQ(message([&] { PackedVectors(bad, 2); }), "number 1 of the vector of track 1 is nan; all must be finite");
  EXPECT_EQ(message([&] { PackedVectors(good, 2).best({bad}, 1, Catalogue({1, 1}, {1, 1})); }),
            "number 1 of the vector of query 1 is nan; all must be finite");
  const std::vector<float> bias = {0, nan};
  EXPECT_EQ(message([&] { PackedVectors(good, 2, {.bias = bias}); }),
            "the bias of track 1 is nan; only -inf and numbers work");
  EXPECT_EQ(message([&] { best_of_four({four, 1}, {{1, nan}}, 1); }),
            "track 1 is adjusted by nan, but only -inf and numbers work");
}

TEST(PackedVectors, RefuseShapesThatDoNotFit) {
  const PackedVectors packed(four, 2);
  const Catalogue other({1, 1, 1}, {1, 1, 1});
  std::vector<float> out(3);
  EXPECT_THROW(PackedVectors(four, 3), std::invalid_argument);
  EXPECT_THROW(packed.score(std::vector<float>{1}, out), std::invalid_argument);
  EXPECT_THROW(packed.score(std::vector<float>{1, 2}, out), std::invalid_argument);
  EXPECT_THROW(packed.best({std::vector<float>{1, 2}}, 1, other), std::invalid_argument);
  EXPECT_THROW(best_of_four({four, 1}, {{1, 0.5}, {1, 0.5}}, 1), std::invalid_argument);
  EXPECT_THROW(best_of_four({four, 1}, {{4, 0.5}}, 1), std::invalid_argument);
}

TEST(PackedVectors, MayBeNone) {
  const PackedVectors packed({}, 2);
  const Catalogue empty({}, {});
  EXPECT_TRUE(packed.best({std::vector<float>{1, 2}}, 5, empty)[0].empty());
  EXPECT_TRUE(PackedVectors(four, 2).best({}, 5, Catalogue({1, 1}, {1, 1})).empty());
}

}  // namespace
}  // namespace segue
