#include "ranking/gate.h"

#include <gtest/gtest.h>

#include <numeric>

#include "core/error.h"
#include "core/parallel.h"
#include "support/scratch.h"

namespace segue {
namespace {

/// Two candidates, each with a clue of its own. The first is right where the listener is `open`, else the second.
Examples open_or_not(int n) {
  Examples examples(2);
  for (int i = 0; i < n; ++i) {
    Evidence evidence;
    evidence.state[0] = 1;
    evidence.state[1] = i % 2;
    evidence.track = {7, 8};
    evidence.clues = {1, 0, 0, 1};
    examples.add(evidence, i % 2 == 1 ? 0 : 1);
  }
  return examples;
}

TEST(Gate, LearnsWhichClueToTrustInWhichSituation) {
  const auto gate = Gate::learn(open_or_not(40), {.prior = 1e-4});
  Evidence question;
  question.track = {7, 8};
  question.clues = {1, 0, 0, 1};
  question.state[0] = 1;
  EXPECT_GT(gate.chances(question)[1], 0.95);
  question.state[1] = 1;
  EXPECT_GT(gate.chances(question)[0], 0.95);
  const auto chances = gate.chances(question);
  EXPECT_NEAR(std::accumulate(chances.begin(), chances.end(), 0.0), 1, 1e-12);
}

TEST(Gate, IsHeldBackByItsPrior) {
  const auto examples = open_or_not(40);
  EXPECT_GT(Gate::learn(examples, {.prior = 1}).loss(examples), Gate::learn(examples, {.prior = 1e-4}).loss(examples));
}

/// Where nothing is told it stays where it began; what it learns, it learns from there.
TEST(Gate, IsHeldWhereItBegan) {
  const auto examples = open_or_not(40);
  std::vector<double> table(2 * Situation::numbers, 0.0);
  table[0] = 3;                                // the first clue, always
  table[Situation::numbers + 5] = 2;           // the other, in a situation that no example has
  const Gate begin(table), held = Gate::learn(examples, {.prior = 1e3}, begin), free = Gate::learn(examples, {.prior = 1e-4}, begin);
  for (size_t k = 0; k < table.size(); ++k) EXPECT_NEAR(held.table()[k], table[k], 1e-2) << k;
  EXPECT_EQ(free.table()[Situation::numbers + 5], 2);
  EXPECT_LT(free.loss(examples), held.loss(examples));
  const Gate wider = Gate::learn(Examples(3), {}, begin);
  EXPECT_EQ(wider.clues(), 3u);
  EXPECT_EQ(wider.weights({1}), (std::vector<float>{3, 0, 0}));
}

TEST(ExampleView, IsSomeOfTheQuestionsWithFewerClues) {
  Examples all(3);
  for (int i = 0; i < 4; ++i) {
    Evidence evidence;
    evidence.state[1] = i % 2;  // a pause
    evidence.clues = {1, 2, 3, 4, 5, 6};
    all.add(evidence, static_cast<size_t>(i % 2));
  }
  const auto some = ExampleView(all).narrowed(2).where([](size_t i, const Situation::State& state) { return Situation::paused(state) && i > 1; });
  EXPECT_EQ(some.size(), 1u);
  EXPECT_EQ(some.clues(), 2u);
  EXPECT_EQ(some.stride(), 3u);
  EXPECT_EQ(some.right(0), 1u);
  // Level with another is as good as above it.
  EXPECT_EQ(Gate(std::vector<double>(2 * Situation::numbers, 0.0)).ndcg_10(some).front(), 1);
  std::vector<double> first(2 * Situation::numbers, 0.0);
  first[1] = -1;  // after a pause the first clue counts against a candidate
  EXPECT_NEAR(Gate(first).ndcg_10(some).front(), 1 / std::log2(3.0), 1e-12);
}

TEST(Gate, GoesAShareOfTheWayTowardsAnother) {
  std::vector<double> one(Situation::numbers, 1.0), other(2 * Situation::numbers, 3.0);
  const Gate half = Gate(one).towards(Gate(other), 0.5);
  EXPECT_EQ(half.table().front(), 2);
  EXPECT_EQ(half.table().back(), 1.5);
}

TEST(Gate, LearnsTheSameOnAnyNumberOfThreads) {
  const auto examples = open_or_not(99);
  const int before = threads();
  set_threads(1);
  const auto alone = Gate::learn(examples, {});
  set_threads(3);
  const auto together = Gate::learn(examples, {});
  set_threads(before);
  EXPECT_EQ(alone.weights({1, 1}), together.weights({1, 1}));
}

TEST(Gate, TrustsNothingWithoutExamples) {
  const auto gate = Gate::learn(Examples(3), {});
  EXPECT_EQ(gate.weights({1}), (std::vector<float>{0, 0, 0}));
  EXPECT_TRUE(gate.chances({}).empty());
}

TEST(LearnedGate, MayWeighOtherwiseAfterAPause) {
  const Scratch scratch;
  const std::vector<std::string> clues{"one", "other"};
  auto learned = LearnedGate::from(open_or_not(40), {});
  learned.after_pause = Gate(std::vector<double>(2 * Situation::numbers, 0.5));
  Situation::State within{1, 0}, paused{1, 1};
  EXPECT_EQ(learned.in(within).table(), learned.gate.table());
  EXPECT_EQ(learned.in(paused).table(), learned.after_pause->table());
  write_gate(scratch / "mix.json", learned, clues);
  EXPECT_EQ(read_gate(scratch / "mix.json", clues).after_pause->table(), learned.after_pause->table());
}

TEST(LearnedGate, IsKeptInAFileToTheLastBit) {
  const Scratch scratch;
  const std::vector<std::string> clues{"one", "other"};
  const auto learned = LearnedGate::from(open_or_not(40), {});
  write_gate(scratch / "mix.json", learned, clues);
  const auto read = read_gate(scratch / "mix.json", clues);
  EXPECT_EQ(read.gate.table(), learned.gate.table());
  EXPECT_EQ(read.mean, learned.mean);
  EXPECT_EQ(read.questions, 40u);
  EXPECT_EQ(read.text(clues), learned.text(clues));
}

TEST(LearnedGate, RefusesAFileOfOtherCluesAndADamagedOne) {
  const Scratch scratch;
  const Path path = scratch / "mix.json";
  write_gate(path, LearnedGate::from(open_or_not(4), {}), std::vector<std::string>{"one", "other"});
  const auto message = [&](const std::vector<std::string>& clues) {
    try {
      read_gate(path, clues);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(message({"one", "third"}).find("other clues"), std::string::npos);
  EXPECT_NE(message({"one", "other", "third"}).find("other clues"), std::string::npos);
  write_file(path, read_file(path).substr(0, 100));
  EXPECT_NE(message({"one", "other"}).find("damaged"), std::string::npos);
}

}  // namespace
}  // namespace segue
