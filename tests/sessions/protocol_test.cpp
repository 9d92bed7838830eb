#include "sessions/protocol.h"

#include <gtest/gtest.h>

#include "support/logs.h"

namespace segue {
namespace {

/// What the settings are refused with.
std::string refusal(const std::string& yaml) {
  return error_of([&] { Protocol(protocols().at("segue")).configure(YAML::Load(yaml)); });
}

TEST(Protocol, TakesSettingsOverItsDefaults) {
  Protocol protocol = protocols().at("segue-own");
  protocol.configure(YAML::Load("{sessions: {gap_s: 60, ties: file}, split: {cases: 7}}"));
  EXPECT_EQ(protocol.sessions.gap_s, 60);
  EXPECT_EQ(protocol.sessions.ties, "file");
  EXPECT_EQ(protocol.sessions.min_track, 5);
  EXPECT_EQ(protocol.split.cases, 7);
  EXPECT_EQ(protocol.split.cut, "own");
}

TEST(Protocol, RefusesWhatItDoesNotKnowAndSaysWhatItKnows) {
  EXPECT_NE(refusal("{session: {}}").find("no 'session'; known: sessions, split"), std::string::npos);
  EXPECT_NE(refusal("{sessions: {gap: 60}}").find("sessions: no setting 'gap'; known: gap_s, min_user"), std::string::npos);
  EXPECT_NE(refusal("{sessions: {ties: random}}").find("known: auto, reverse, file, key"), std::string::npos);
  EXPECT_NE(refusal("{split: {cut: none}}").find("known: global, own"), std::string::npos);
  EXPECT_NE(refusal("{sessions: {track_key: id}}").find("known: track, raw"), std::string::npos);
}

TEST(Protocol, RefusesValuesOfAnotherKind) {
  EXPECT_NE(refusal("{sessions: {gap_s: long}}").find("sessions.gap_s: 'long' is not a whole number"), std::string::npos);
  EXPECT_NE(refusal("{split: {min_overlap: half}}").find("is not a number"), std::string::npos);
  EXPECT_NE(refusal("{sessions: {session: 0}}").find("at least 1"), std::string::npos);
  EXPECT_NE(refusal("{sessions: {gap_s: -1}}").find("at least 0"), std::string::npos);
  EXPECT_NE(refusal("{sessions: 5}").find("key: value"), std::string::npos);
  EXPECT_NE(refusal("5"), "");
}

TEST(Protocols, AreThoseThatAreDescribed) {
  EXPECT_EQ(protocols().names(), (std::vector<std::string>{"melochron-gts", "paper", "pps-gts", "segue", "segue-own", "session-windows"}));
  EXPECT_EQ(protocols().at("paper").split.negatives, 199);
  EXPECT_THROW(protocols().at("own"), Error);
}

}  // namespace
}  // namespace segue
