#include "annotation/ledger.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "core/error.h"
#include "support/scratch.h"

namespace segue {
namespace {

Ledger::Ask ask(double most = 0, std::optional<double> budget = {}) { return {"hash", "model", "here", 1, most, budget}; }

TEST(Ledger, KeepsWhatWasAnswered) {
  const Scratch scratch;
  {
    Ledger ledger(scratch / "a" / "ledger.sqlite");
    EXPECT_FALSE(ledger.find("one"));
    const auto number = ledger.begin(ask(0.5));
    ledger.end(number, {"text", "", 100, 20, 0.25, 1.5}, {{"one", "{}", true}, {"two", "{\"a\":1}", false}});
    ledger.end(ledger.begin(ask(0.5)), {"", "no answer", 0, 0, 0, 2.5}, {});
  }
  const Ledger ledger(scratch / "a" / "ledger.sqlite");
  EXPECT_TRUE(ledger.find("one")->whole);
  EXPECT_EQ(ledger.find("two")->text, "{\"a\":1}");
  EXPECT_FALSE(ledger.find("two")->whole);
  EXPECT_FALSE(ledger.find("three"));
  const auto totals = ledger.totals();
  EXPECT_EQ(totals.requests, 2);
  EXPECT_EQ(totals.answered, 1);
  EXPECT_EQ(totals.failed, 1);
  EXPECT_EQ(totals.prompt_tokens, 100);
  EXPECT_DOUBLE_EQ(totals.cost, 0.25);
  EXPECT_DOUBLE_EQ(totals.seconds, 4);
  EXPECT_EQ(ledger.usage("model", 1).requests, 1);
  EXPECT_EQ(ledger.usage("model", 1).answer_tokens, 20);
  EXPECT_EQ(ledger.usage("model", 2).requests, 0);
}

TEST(Ledger, NeverSpendsMoreThanTheBudget) {
  const Scratch scratch;
  Ledger ledger(scratch / "ledger.sqlite");
  const auto first = ledger.begin(ask(0.6, 1));
  EXPECT_THROW(ledger.begin(ask(0.6, 1)), BudgetSpent);  // the first may still cost so much
  ledger.end(first, {"text", "", 1, 1, 0.4, 1}, {});
  const auto second = ledger.begin(ask(0.6, 1));
  ledger.end(second, {"text", "", 1, 1, 0.6, 1}, {});
  try {
    ledger.begin(ask(0.01, 1));
    FAIL();
  } catch (const BudgetSpent& spent) {
    EXPECT_DOUBLE_EQ(spent.spent, 1);
    EXPECT_DOUBLE_EQ(spent.budget, 1);
  }
  EXPECT_EQ(ledger.totals().requests, 2);
  ledger.begin(ask(5));  // without a budget
  ledger.begin(ask(0, 1e9));
}

TEST(Ledger, CountsEveryTryThatMayHaveCostSomething) {
  const Scratch scratch;
  Ledger ledger(scratch / "ledger.sqlite");
  const auto number = ledger.begin(ask(0.4, 1));
  ledger.raise(number, 0.4, 1);
  EXPECT_DOUBLE_EQ(ledger.totals().cost, 0.8);
  EXPECT_THROW(ledger.raise(number, 0.4, 1), BudgetSpent);
  EXPECT_DOUBLE_EQ(ledger.totals().cost, 0.8);
  ledger.end(number, {"text", "", 1, 1, 0.5, 1}, {});
  EXPECT_DOUBLE_EQ(ledger.totals().cost, 0.5);
}

TEST(Ledger, WhatAKilledProcessHadInFlightCountsAtTheMost) {
  const Scratch scratch;
  const Path file = scratch / "ledger.sqlite";
  const pid_t child = ::fork();
  if (child == 0) {
    Ledger ledger(file);
    ledger.end(ledger.begin(ask(0.5)), {"text", "", 1, 1, 0.1, 1}, {{"one", "{}", true}});
    ledger.begin(ask(0.5));
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  const Ledger ledger(file);
  EXPECT_TRUE(ledger.find("one"));
  EXPECT_DOUBLE_EQ(ledger.totals().cost, 0.6);
  EXPECT_EQ(ledger.totals().answered, 1);
}

TEST(Ledger, IsWrittenByThreadsAndProcessesTogether) {
  const Scratch scratch;
  const Path file = scratch / "ledger.sqlite";
  constexpr int processes = 3, threads = 4, each = 20;
  std::vector<pid_t> children;
  for (int p = 0; p < processes; ++p) {
    const pid_t child = ::fork();
    if (child != 0) {
      children.push_back(child);
      continue;
    }
    int code = 0;
    try {
      Ledger ledger(file);
      std::vector<std::thread> all;
      for (int t = 0; t < threads; ++t) {
        all.emplace_back([&, t] {
          for (int i = 0; i < each; ++i) {
            const auto key = fmt::format("{}-{}-{}", p, t, i);
            ledger.end(ledger.begin(ask(1)), {"text", "", 1, 1, 0.5, 0}, {{key, "{}", true}});
          }
        });
      }
      for (auto& one : all) one.join();
    } catch (...) {
      code = 1;
    }
    ::_exit(code);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  const Ledger ledger(file);
  EXPECT_EQ(ledger.totals().answered, processes * threads * each);
  EXPECT_DOUBLE_EQ(ledger.totals().cost, 0.5 * processes * threads * each);
  EXPECT_TRUE(ledger.find("2-3-19"));
}

TEST(Ledger, RefusesWhatIsNotOne) {
  const Scratch scratch;
  EXPECT_THROW(Ledger(scratch.file("words.sqlite", "no data base, " + std::string(2000, 'x'))), Error);
  EXPECT_THROW(Ledger(Path("/proc/none/ledger.sqlite")), Error);
  EXPECT_THROW(Ledger(scratch.folder()), Error);
}

}  // namespace
}  // namespace segue
