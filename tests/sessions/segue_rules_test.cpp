#include "sessions/segue_rules.h"

#include <gtest/gtest.h>

#include "support/logs.h"

namespace segue {
namespace {

/// Plays of one listener with titles a, b, c … at these seconds.
std::string plays_at(const std::vector<int64_t>& seconds, const std::string& who = "ann") {
  std::string text;
  char title = 'a';
  for (const int64_t second : seconds) text += line(who, second, std::string(1, title++));
  return text;
}

Prepared prepared(const std::string& text, const Protocol& protocol = small_protocol()) {
  const TestData data;
  data.import("log.tsv", text);
  return data.prepare(protocol);
}

std::string opens(const Prepared& p) {
  std::string text;
  for (const auto open : p.log.opens) text += open ? '|' : '.';
  return text;
}

std::string parts(const Prepared& p) {
  std::string text;
  for (const auto part : p.log.part) text += "fgvt"[static_cast<int>(part)];
  return text;
}

TEST(SegueSessions, OpenAfterMoreThanTheGapAndNotAtIt) {
  EXPECT_EQ(opens(prepared(plays_at({0, 1200, 2400, 3601, 3602}))), "|..|.");
}

TEST(SegueSessions, AreCutAtSilenceAndNotAtTheDistanceOfEnds) {
  // The second ends 25 minutes after the first but began 5 after it; the third began 21 after that, the fourth 20, the last 21.
  const TestData data;
  data.import("ann.json", account_export({heard_row(0, "a", 0), heard_row(25, "b", 20 * 60'000), heard_row(47, "c", 60'000),
                                          heard_row(67, "d", 0), heard_row(88, "e", 0)}));
  EXPECT_EQ(opens(data.prepare(small_protocol("segue-own"))), "|.|.|");
}

TEST(SegueSessions, OfTwoListenersHaveNothingToDoWithEachOther) {
  EXPECT_EQ(opens(prepared(plays_at({0, 10}, "ann") + plays_at({20, 30}, "bob"))), "|.|.");
}

TEST(SegueTies, AreOrderedAsAsked) {
  const std::string text = line("ann", 0, "b") + line("ann", 0, "a") + line("ann", 0, "c");
  Protocol protocol = small_protocol();
  for (const auto& [ties, wanted] : {std::pair{"file", "bac"}, {"reverse", "cab"}, {"key", "abc"}, {"auto", "cab"}}) {
    protocol.sessions.ties = ties;
    EXPECT_EQ(titles(prepared(text, protocol)), wanted) << ties;
  }
}

TEST(SegueDuplicates, AreLeftOutAndCounted) {
  const Prepared p = prepared(line("ann", 0, "a") + line("ann", 0, "a") + line("ann", 0, "b") + line("ann", 60, "a"));
  EXPECT_EQ(p.log.plays(), 3);
  EXPECT_EQ(p.steps.at("C2_flags").at("duplicate"), 1);
}

TEST(SegueSpan, HoldsItsFirstDayAndNotItsLast) {
  Protocol protocol = small_protocol();
  protocol.sessions.since = "2008-03-02";
  protocol.sessions.until = "2008-03-03";
  const Prepared p = prepared(plays_at({86399, 86400, 2 * 86400 - 1, 2 * 86400}), protocol);
  EXPECT_EQ(titles(p), "bc");
  EXPECT_EQ(p.steps.at("C2_flags").at("wrong_date"), 2);
}

TEST(SegueSpan, IsRefusedWhereItIsNoDay) {
  Protocol protocol = small_protocol();
  protocol.sessions.since = "2008-02-30";
  EXPECT_NE(error_of([&] { prepared(plays_at({0}), protocol); }).find("sessions.since: '2008-02-30' is not a day"), std::string::npos);
  protocol.sessions.since = "2008-05-01 ";
  EXPECT_NE(error_of([&] { prepared(plays_at({0}), protocol); }), "");
}

TEST(SegueSpan, ThatHoldsNothingIsSaidSo) {
  Protocol protocol = small_protocol();
  protocol.sessions.until = "2006-01-01";
  EXPECT_NE(error_of([&] { prepared(plays_at({0}), protocol); }).find("no play between"), std::string::npos);
}

// Ten plays: the test cut is value number floor(9 · 0.9 + 1/2) = 8 from 0, so the last play alone is test; of the nine
// before it the cut is number floor(8 · 0.9 + 1/2) = 7, so the ninth alone is val. Of the eight of train the gate's cut
// is number floor(7 · 0.9 + 1/2) = 6: the eighth.
TEST(SegueParts, AreCutAtTheNinthTenthThreeTimes) {
  EXPECT_EQ(parts(prepared(plays_at({0, 10, 20, 30, 40, 50, 60, 70, 80, 90}))), "fffffffgvt");
}

TEST(SegueParts, OfPlaysWithOneTimeStayTogether) {
  EXPECT_EQ(parts(prepared(plays_at({0, 0, 0, 0, 0, 0, 0, 0, 0, 90}))), "fffffffff" "t");
}

TEST(SegueParts, AreCutAtOneTimeForAllOrAtEachListenersOwn) {
  const auto text = plays_at({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, "ann") + plays_at({100, 101, 102, 103, 104, 105, 106, 107, 108, 109}, "bob");
  // Twenty plays: cut number floor(19 · 0.9 + 1/2) = 17; of eighteen number floor(17 · 0.9 + 1/2) = 15; of sixteen
  // number floor(15 · 0.9 + 1/2) = 14.
  EXPECT_EQ(parts(prepared(text)), "ffffffffff" "fffffgvvtt");
  EXPECT_EQ(parts(prepared(text, small_protocol("segue-own"))), "fffffffgvt" "fffffffgvt");
}

TEST(SegueParts, OfLogsOfDifferentYearsAreRefusedByNameOfTheOtherProtocol) {
  const auto text = plays_at({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, "ann") + plays_at({20, 21}, "bob") + plays_at({30, 31}, "cleo");
  Protocol protocol = small_protocol();
  protocol.split.min_overlap = 0.5;
  const std::string error = error_of([&] { prepared(text, protocol); });
  EXPECT_NE(error.find("of 3 listeners with plays on both sides"), std::string::npos) << error;
  EXPECT_NE(error.find("segue-own"), std::string::npos) << error;
}

TEST(IsCase, TakesAllOfFewAndSpreadsOverMany) {
  const auto cases = [](int64_t n, int64_t most) {
    std::vector<int64_t> chosen;
    for (int64_t i = 0; i < n; ++i) {
      if (is_case(i, n, most)) chosen.push_back(i);
    }
    return chosen;
  };
  EXPECT_EQ(cases(3, 3), (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(cases(4, 2), (std::vector<int64_t>{1, 3}));  // floor(2 (i + 1) / 4) = 0 1 1 2
  EXPECT_EQ(cases(5, 3), (std::vector<int64_t>{1, 3, 4}));  // floor(3 (i + 1) / 5) = 0 1 1 2 3
  for (const int64_t n : {7, 999, 1000, 1001, 54321}) EXPECT_EQ(std::ssize(cases(n, 1000)), std::min<int64_t>(n, 1000)) << n;
}

TEST(SegueCases, AreAtMostAsManyAsAskedOfEachListener) {
  std::vector<int64_t> seconds;
  for (int64_t i = 0; i < 26; ++i) seconds.push_back(i);
  Protocol protocol = small_protocol("segue-own");
  // 26 plays: cut number floor(25 · 0.9 + 1/2) = 23, so two are test; of 24 number floor(23 · 0.9 + 1/2) = 21: two val.
  EXPECT_EQ(prepared(plays_at(seconds), protocol).test.size(), 2u);
  protocol.split.cases = 1;
  const Prepared p = prepared(plays_at(seconds, "ann") + plays_at(seconds, "bob"), protocol);
  ASSERT_EQ(p.test.size(), 2u);
  EXPECT_EQ(p.test[0].target, 25);
  EXPECT_EQ(p.test[0].history_end, 25);
  EXPECT_EQ(p.test[1].target, 51);
  EXPECT_EQ(p.test[1].listener, 1);
}

TEST(SegueRefusals, OfALogThatIsTooSmallSayWhatWouldWork) {
  Protocol protocol = protocols().at("segue");
  protocol.split.min_overlap = 0;
  const std::string error = error_of([&] { prepared(plays_at({0, 1, 2, 3}), protocol); });
  EXPECT_NE(error.find("segue-own"), std::string::npos) << error;
  EXPECT_NE(error.find("min_user"), std::string::npos) << error;
}

TEST(SegueSteps, HashTheSameRowsWhateverTheOrderOfTheLines) {
  const TestData one, other;
  one.import("log.tsv", line("ann", 0, "a") + line("ann", 50, "b") + line("bob", 10, "a") + line("bob", 60, "c"));
  other.import("log.tsv", line("bob", 60, "c") + line("ann", 50, "b") + line("bob", 10, "a") + line("ann", 0, "a"));
  const auto hash = [](const TestData& data) { return data.prepare(small_protocol(), true).steps.at("C3_sessions").at("sha256"); };
  EXPECT_EQ(hash(one), hash(other));
}

TEST(SegueSteps, HashTheLinesOfTheRule) {
  const TestData data;
  data.import("log.tsv", line("ann", 0, "a"));
  // printf 'ann\t1204329600\ttrackname_Ann||a\t1\n' | sha256sum
  EXPECT_EQ(data.prepare(small_protocol(), true).steps.at("C3_sessions").at("sha256"),
            "876b5fabb77b9b1f3e8620f2b38c34a42af67da08be78bdac130d24c8db1438d");
}

}  // namespace
}  // namespace segue
