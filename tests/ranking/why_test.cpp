#include "ranking/why.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ranking/clues.h"
#include "ranking/recommend.h"

namespace segue {
namespace {

constexpr int32_t a = 0, b = 1, tracks = 40;

/// One listener, a play every four minutes, ten to a session; the last tenth is the part `gate`.
Log log_of(const std::vector<int32_t>& plays) {
  Log log;
  log.listeners = {"ann"};
  log.first = {0, std::ssize(plays)};
  log.tracks = tracks;
  for (size_t i = 0; i < plays.size(); ++i) {
    const int64_t start = 240'000 * static_cast<int64_t>(i) + 86'400'000 * static_cast<int64_t>(i / 10);
    log.track.push_back(plays[i]);
    log.start_ms.push_back(start);
    log.moment_ms.push_back(start + 200'000);
    log.opens.push_back(i % 10 == 0);
    log.part.push_back(i * 10 < plays.size() * 9 ? Part::fit : Part::gate);
  }
  log.completion.assign(plays.size(), 0);
  log.completion_kind.assign(plays.size(), CompletionKind::unknown);
  log.in_catalogue.assign(tracks, 1);
  return log;
}

/// b always follows a; all else comes as it likes. The last play is a.
std::vector<int32_t> planted() {
  std::vector<int32_t> plays;
  uint32_t state = 7;
  while (plays.size() < 600) {
    state = state * 1664525 + 1013904223;
    const auto next = static_cast<int32_t>(2 + (state >> 16) % (tracks - 2));
    plays.push_back(next);
    if (next % 4 == 0) plays.insert(plays.end(), {a, b});
  }
  plays.push_back(a);
  return plays;
}

std::vector<Recommended> list_of(const Log& log, const std::string& ranker, int64_t why, bool only_new = false) {
  RecommendOptions options;
  options.ranker = ranker;
  options.k = 5;
  options.why = why;
  options.only_new = only_new;
  return recommend(log, 0, std::vector<int32_t>(tracks, 0), options);
}

TEST(Why, NamesThePlayAndTheCounterThatWerePlanted) {
  const Log log = log_of(planted());
  const auto list = list_of(log, "counters", 8);
  ASSERT_EQ(list.front().track, b);
  const auto& why = list.front().why;
  ASSERT_GT(why.size(), 3u);
  // What comes after what, and that it was a: without either of the two b would stand far back, without anything else as now.
  EXPECT_TRUE(std::any_of(why.begin(), why.begin() + 2, [&](const Cause& cause) { return cause.play == log.plays() - 1; }));
  EXPECT_TRUE(std::any_of(why.begin(), why.begin() + 2, [&](const Cause& cause) { return cause.part.name == "markov" || cause.part.name == "follow"; }));
  EXPECT_GT(why[1].rank, 10);
  EXPECT_EQ(why[2].rank, 1);
  const auto plays = std::count_if(why.begin(), why.end(), [](const Cause& cause) { return cause.play >= 0; });
  EXPECT_EQ(plays, 8);
  EXPECT_EQ(std::ssize(why) - plays, std::ssize(Clues::parts()));
}

TEST(Why, RanksAsIfThePlayHadNotBeen) {
  auto plays = planted();
  const Log log = log_of(plays);
  for (const char* ranker : {"personal", "repeat-plays"}) {
    const auto list = list_of(log, ranker, 3);
    for (const int64_t out : {1, 2, 3}) {
      Log without = log;
      for (auto* column : {&without.start_ms, &without.moment_ms}) column->erase(column->end() - out);
      without.track.erase(without.track.end() - out);
      without.opens.erase(without.opens.end() - out);
      without.part.erase(without.part.end() - out);
      without.completion.erase(without.completion.end() - out);
      without.completion_kind.erase(without.completion_kind.end() - out);
      without.first.back() -= 1;
      RecommendOptions options;
      options.ranker = ranker;
      options.k = tracks;
      options.at_ms = log.moment_ms.back();
      const auto expected = recommend(without, 0, std::vector<int32_t>(tracks, 0), options);
      for (const auto& one : list) {
        const auto cause = std::find_if(one.why.begin(), one.why.end(), [&](const Cause& c) { return c.play == log.plays() - out; });
        ASSERT_NE(cause, one.why.end());
        const auto found = std::find_if(expected.begin(), expected.end(), [&](const auto& other) { return other.track == one.track; });
        EXPECT_EQ(cause->rank, found->rank) << ranker << " " << out;
        EXPECT_DOUBLE_EQ(cause->score, found->score) << ranker << " " << out;
      }
    }
  }
}

TEST(Why, IsAskedOfEveryRankerAndChangesNoList) {
  const Log log = log_of(planted());
  for (const auto& name : rankers().names()) {
    const auto plain = list_of(log, name, 0), told = list_of(log, name, 2);
    ASSERT_EQ(plain.size(), told.size()) << name;
    for (size_t i = 0; i < plain.size(); ++i) {
      EXPECT_EQ(plain[i].track, told[i].track) << name;
      EXPECT_EQ(plain[i].score, told[i].score) << name;
      EXPECT_TRUE(plain[i].why.empty());
      const auto at_least = rankers().at(name)({log, Part::val, 1})->personal() ? 2U : 0U;
      EXPECT_GE(told[i].why.size(), at_least) << name;
      EXPECT_EQ(told[i].rank, static_cast<int64_t>(i) + 1);
    }
  }
}

TEST(Why, TakesNoPlayFromAListenerWhoHasButOne) {
  EXPECT_TRUE(list_of(log_of({a}), "personal", 5).front().why.empty());
  const LessOnePlay less(log_of({a, b, a}), 0, 10);
  EXPECT_EQ(less.play, (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(less.log.first, (std::vector<int64_t>{0, 3, 5, 7}));
  EXPECT_EQ(less.log.part.back(), Part::test);
}

TEST(Why, OpensASessionByTheNextPlayWhereItsFirstIsTakenOut) {
  std::vector<int32_t> plays(12, a);
  const LessOnePlay less(log_of(plays), 0, 2);
  ASSERT_EQ(less.play[1], 10);  // opens the second session
  const auto from = static_cast<size_t>(less.log.first[2]);
  EXPECT_EQ(less.log.opens[from + 10], 1);
  EXPECT_EQ(less.log.start_ms[from + 10], less.log.start_ms[11]);
}

}  // namespace
}  // namespace segue
