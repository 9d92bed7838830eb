#include "sessions/paper.h"

#include <gtest/gtest.h>

#include <set>

#include "support/logs.h"

namespace segue {
namespace {

Protocol small_paper() {
  Protocol protocol = protocols().at("paper");
  protocol.sessions.min_user = protocol.sessions.min_track = protocol.sessions.min_sessions = 1;
  protocol.sessions.session = 2;
  return protocol;
}

Prepared prepared(const std::string& text, const Protocol& protocol = small_paper()) {
  const TestData data;
  data.import("log.tsv", text);
  return data.prepare(protocol);
}

/// Sessions of `each` tracks a day, none heard twice by anyone: the titles are "who.number".
std::string days(const std::vector<std::string>& listeners, int count, int each) {
  std::string text;
  for (const auto& who : listeners) {
    for (int i = 0; i < count * each; ++i) {
      text += line(who, 86400 * (i / each) + 60 * (i % each), who + "." + std::to_string(i));
    }
  }
  return text;
}

/// The rows after a step.
int64_t rows(const Prepared& p, const char* step) { return p.steps.at(step).at("rows"); }

TEST(Paper, DropsListenersThenTracksAndLooksAtListenersOnce) {
  Protocol protocol = small_paper();
  protocol.sessions.min_user = 4;
  protocol.sessions.min_track = 2;
  // bob has three plays and goes; without him "b" was played once and goes; ann is left with three and stays.
  const auto p = prepared(line("ann", 0, "a") + line("ann", 60, "b") + line("ann", 120, "c") + line("ann", 90000, "a") +
                              line("ann", 90060, "c") + line("bob", 0, "b") + line("bob", 60, "b") + line("bob", 120, "c"),
                          protocol);
  EXPECT_EQ(rows(p, "P2_users"), 5);
  EXPECT_EQ(rows(p, "P3_tracks"), 4);
}

TEST(Paper, CutsSessionsBetweenTheRowsThatAreLeft) {
  Protocol protocol = small_paper();
  protocol.sessions.min_track = 2;
  // The rare play between them goes before sessions are cut: 1201 s are then between the two.
  const auto p =
      prepared(line("ann", 0, "a") + line("ann", 600, "rare") + line("ann", 1201, "a") + line("ann", 1300, "b") +
                   line("ann", 1400, "b") + line("ann", 1500, "a") + line("ann", 90000, "a") + line("ann", 90001, "b"),
               protocol);
  EXPECT_EQ(p.steps.at("P4_sessions").at("sessions"), 3);
}

TEST(Paper, KeepsTheFirstOfATrackInASessionAndTheFirstTracksOfIt) {
  Protocol protocol = small_paper();
  protocol.sessions.session = 2;
  const auto p = prepared(line("ann", 0, "a") + line("ann", 60, "a") + line("ann", 120, "b") + line("ann", 180, "c") +
                              line("ann", 90000, "a") + line("ann", 90060, "b") + line("ann", 180000, "a"),
                          protocol);
  EXPECT_EQ(rows(p, "P5_first_in_session"), 6);
  EXPECT_EQ(rows(p, "P6_long_sessions"), 5);  // the last session has one track
  EXPECT_EQ(rows(p, "P7_cut"), 4);
}

TEST(Paper, AsksEachListenerForTheFirstPlayAfterTheCutAndHidesWhatFollows) {
  const auto p = prepared(days({"ann", "bob"}, 10, 2));
  ASSERT_EQ(p.test.size(), 2u);
  for (const auto& question : p.test) {
    EXPECT_EQ(p.log.part[static_cast<size_t>(question.target)], Part::test);
    EXPECT_LT(p.log.part[static_cast<size_t>(question.target - 1)], Part::test);
    EXPECT_EQ(question.history_end, question.target);
  }
}

TEST(Paper, DrawsCandidatesThatTheListenerNeverPlayedAndTheTargetOnce) {
  const std::vector<std::string> listeners{"ann", "bob", "cleo"};
  const auto p = prepared(days(listeners, 10, 12), [] {
    auto protocol = small_paper();
    protocol.sessions.session = 12;
    return protocol;
  }());
  ASSERT_EQ(p.test_candidates.size(), 3u);
  for (size_t c = 0; c < p.test.size(); ++c) {
    const auto& list = p.test_candidates[c];
    ASSERT_EQ(list.size(), 200u);
    EXPECT_EQ(list[0], p.log.track[static_cast<size_t>(p.test[c].target)]);
    EXPECT_EQ(std::set<int32_t>(list.begin(), list.end()).size(), 200u);
    const std::string own = p.log.listeners[static_cast<size_t>(p.test[c].listener)] + ".";
    for (size_t i = 1; i < list.size(); ++i) EXPECT_FALSE(p.title[static_cast<size_t>(list[i])].starts_with(own));
  }
}

TEST(Paper, TakesAllTracksThereAreWhereTheyAreTooFewToDrawFrom) {
  const auto p = prepared(days({"ann", "bob"}, 10, 2));
  EXPECT_EQ(p.test_candidates.at(0).size(), 21u);  // the target and the twenty of the other one
}

TEST(Paper, DrawsValidationListenersAsPythonDoes) {
  std::vector<std::string> listeners;
  for (char c = 'a'; c < 'a' + 20; ++c) listeners.push_back(std::string(1, c));
  const auto p = prepared(days(listeners, 10, 2));
  // random.Random(42).sample(range(20), round(0.1 * 20)) is [3, 0]
  EXPECT_EQ(p.steps.at("P11_validation_users").at("users").get<std::vector<std::string>>(), (std::vector<std::string>{"a", "d"}));
  EXPECT_EQ(p.val.size(), 2u);
  for (const auto& question : p.val) EXPECT_EQ(p.log.part[static_cast<size_t>(question.target)], Part::val);
}

TEST(Paper, HidesTheValidationPlaysFromTheTestCase) {
  std::vector<std::string> listeners;
  for (char c = 'a'; c < 'a' + 20; ++c) listeners.push_back(std::string(1, c));
  const auto p = prepared(days(listeners, 10, 2));
  for (const auto& question : p.test) {
    EXPECT_LT(p.log.part[static_cast<size_t>(question.history_end - 1)], Part::val);
    EXPECT_TRUE(question.listener != 0 || question.history_end < question.target);
  }
}

TEST(Paper, GivesTheSameUnderTheSameSeedAndOtherCandidatesUnderAnother) {
  auto protocol = small_paper();
  protocol.split.negatives = 5;
  const auto text = days({"ann", "bob", "cleo"}, 10, 12);
  const auto once = prepared(text, protocol);
  EXPECT_EQ(once.test_candidates, prepared(text, protocol).test_candidates);
  EXPECT_EQ(once.data_hash, prepared(text, protocol).data_hash);
  protocol.split.seed = 43;
  EXPECT_NE(once.test_candidates, prepared(text, protocol).test_candidates);
  EXPECT_NE(once.data_hash, prepared(text, protocol).data_hash);
}

TEST(Paper, RefusesALogThatItLeavesNothingOf) {
  const std::string error = error_of([] { prepared(days({"ann"}, 10, 2), protocols().at("paper")); });
  EXPECT_NE(error.find("leaves nothing"), std::string::npos);
  EXPECT_NE(error.find("segue-own"), std::string::npos);
}

}  // namespace
}  // namespace segue
