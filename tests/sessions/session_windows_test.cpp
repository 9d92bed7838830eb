#include "sessions/session_windows.h"

#include <gtest/gtest.h>

#include "support/logs.h"

namespace segue {
namespace {

constexpr int64_t day = 86'400;

/// The first ten days; every track counts; sessions of 2 to 4 plays.
Protocol small() {
  Protocol p = protocols().at("session-windows");
  p.sessions.min_track = 1;
  p.sessions.max_session = 4;
  p.split.skip_days = 0;
  p.split.window_days = 10;
  return p;
}

std::string four_days(const std::string& who) {
  return lines(who, 0, "ab") + lines(who, day, "ab") + lines(who, 2 * day, "ba") + lines(who, 3 * day, "aab");
}

TEST(SessionWindows, TestTheLastSessionAndValidateOnTheOneBefore) {
  const auto p = TestData(four_days("ann")).prepare(small());
  EXPECT_EQ(parts(p.log), "ffffvvttt");
  ASSERT_EQ(p.test.size(), 2u);
  EXPECT_EQ(p.test[0].target, 7);
  EXPECT_EQ(p.test[0].history_end, 7);
  ASSERT_EQ(p.val.size(), 1u);
  EXPECT_EQ(p.val[0].target, 5);
}

TEST(SessionWindows, LeaveOutSessionsThatAreTooLong) {
  const auto p = TestData(four_days("ann") + lines("ann", 4 * day, "ababa")).prepare(small());
  EXPECT_EQ(titles(p), "ababbaaab");
}

// c has one play, so bob's first session is short, so he has two sessions, so he goes; then b has four plays and stays.
TEST(SessionWindows, FilterUntilNothingChanges) {
  Protocol protocol = small();
  protocol.sessions.min_track = 2;
  const auto p =
      TestData(four_days("ann") + lines("bob", 0, "ac") + lines("bob", day, "ab") + lines("bob", 2 * day, "ab"))
          .prepare(protocol);
  EXPECT_EQ(p.log.listeners, std::vector<std::string>{"ann"});
  EXPECT_EQ(p.steps.at("W4_filtered").at("rounds"), 1);
}

TEST(SessionWindows, HoldTheSessionsWhoseLastPlayLiesInThem) {
  Protocol protocol = small();
  const TestData folder(four_days("ann") + lines("ann", 10 * day - 5, "ab") + lines("ann", 11 * day, "ab") + lines("ann", 12 * day, "ab"));
  EXPECT_EQ(folder.prepare(protocol).log.plays(), 9);
  protocol.split.window = 2;
  EXPECT_EQ(folder.prepare(protocol).log.plays(), 6);
  protocol.split.window = 3;
  EXPECT_NE(error_of([&] { folder.prepare(protocol); }).find("in window 3 of 10 days"), std::string::npos);
}

TEST(SessionWindows, LeaveOutTestPlaysOfTracksThatAreOnlyInTest) {
  const auto p = TestData(lines("ann", 0, "ab") + lines("ann", day, "ab") + lines("ann", 2 * day, "cb") +
                          lines("ann", 3 * day, "azcz"))
                     .prepare(small());
  EXPECT_EQ(titles(p), "ababcbac");
  EXPECT_EQ(parts(p.log), "ffffvvtt");
  EXPECT_EQ(std::count(p.log.in_catalogue.begin(), p.log.in_catalogue.end(), 1), 3);  // a, b, and c of the validation session
}

TEST(SessionWindows, LookOnlyAtTracksWithAnId) {
  const auto p = TestData(four_days("ann") + line("ann", 3 * day + 40, "q")).prepare(small());
  EXPECT_EQ(titles(p), "ababbaaab");
  EXPECT_NE(error_of([&] { TestData(line("ann", 0, "q")).prepare(small()); }).find("looks only at tracks with an id"), std::string::npos);
}

TEST(SessionWindows, NeedThreeSessions) {
  Protocol protocol = protocols().at("session-windows");
  EXPECT_NE(error_of([&] { protocol.configure(YAML::Load("sessions: {min_sessions: 2}")); }).find("at least 3"), std::string::npos);
}

}  // namespace
}  // namespace segue
