#include "sessions/completion.h"

#include <gtest/gtest.h>

#include "support/logs.h"

namespace segue {
namespace {

using Kind = CompletionKind;

std::string kinds(const Prepared& p) {
  std::string text;
  for (const auto kind : p.log.completion_kind) text += "?ir"[static_cast<int>(kind)];
  return text;
}

TEST(PlayedLength, IsTheMostFrequentTimeOfHalfAMinuteOrMore) {
  const auto length = [](std::vector<int32_t> times) { return played_length(times).length_ms; };
  EXPECT_EQ(length({200'000, 100'000, 200'000}), 200'000);
  EXPECT_EQ(length({29'999, 29'999, 29'999, 30'000, 30'000}), 30'000);
  EXPECT_EQ(length({100'000, 200'000}), 0);                            // each once
  EXPECT_EQ(length({100'000, 200'000, 100'000, 200'000}), 200'000);    // equally frequent: the longest
  EXPECT_EQ(length({}), 0);
}

TEST(InferredRatio, IsAtMostOne) {
  EXPECT_EQ(inferred_ratio(100, 200'000), 0.5);
  EXPECT_EQ(inferred_ratio(300, 200'000), 1.0);
}

/// Six sessions of "a" heard 200 s, the last one 50 s, as an account export of one year.
std::string two_hundred_seconds_each() {
  std::vector<std::string> rows;
  for (int i = 0; i < 6; ++i) rows.push_back(heard_row(100 * i, "a", i == 5 ? 50'000 : 200'000));
  return account_export(rows);
}

TEST(Completion, IsRealWhereThePlayedTimeAndALengthAreKnown) {
  const TestData data;
  data.import("ann.json", two_hundred_seconds_each());
  const auto p = data.prepare(small_protocol("segue-own"));
  EXPECT_EQ(kinds(p), "rrrrrr");
  EXPECT_FLOAT_EQ(p.log.completion[0], 1.0f);
  EXPECT_FLOAT_EQ(p.log.completion[5], 0.25f);
}

TEST(Completion, TakesALengthFromATableBeforeThePlays) {
  const TestData data;
  const Path table = data.scratch.file("lengths.tsv", "artist\ttitle\tduration_ms\nAnn\ta\t400000\n");
  data.import("ann.json", two_hundred_seconds_each(), with(&ImportOptions::lengths, table));
  EXPECT_FLOAT_EQ(data.prepare(small_protocol("segue-own")).log.completion[0], 0.5f);
}

TEST(Completion, LooksForLengthsInTrainOnly) {
  // Ten plays, the last two (val and test) of another track, always 200 s: in train it was never heard that long.
  std::vector<std::string> rows;
  for (int i = 0; i < 8; ++i) rows.push_back(heard_row(100 * i, "a", 180'000));
  rows.push_back(heard_row(800, "b", 200'000));
  rows.push_back(heard_row(900, "b", 200'000));
  const TestData data;
  data.import("ann.json", account_export(rows));
  EXPECT_EQ(kinds(data.prepare(small_protocol("segue-own"))), "rrrrrrrr??");
}

TEST(Completion, IsInferredFromTheNextPlayAndUnknownForTheLastOfASession) {
  const TestData data;
  const Path table = data.scratch.file("lengths.tsv", "artist\ttitle\tduration_ms\nAnn\ta\t200000\nAnn\tb\t200000\n");
  data.import("log.tsv", line("ann", 0, "a") + line("ann", 100, "b") + line("ann", 400, "c") + line("ann", 500, "a"),
              with(&ImportOptions::lengths, table));
  const auto p = data.prepare(small_protocol());
  EXPECT_EQ(kinds(p), "ii??");  // c has no length, the last play no next
  EXPECT_FLOAT_EQ(p.log.completion[0], 0.5f);
  EXPECT_FLOAT_EQ(p.log.completion[1], 1.0f);
}

TEST(Completion, IsInferredFromTheNextRawPlayWhateverTrackThatIs) {
  // Under `paper` rare tracks go before sessions are cut; under `segue` the next play of the log counts.
  const TestData data;
  const Path table = data.scratch.file("lengths.tsv", "artist\ttitle\tduration_ms\nAnn\ta\t200000\n");
  data.import("log.tsv", line("ann", 0, "a") + line("ann", 50, "rare") + line("ann", 100, "a") + line("ann", 200, "a"),
              with(&ImportOptions::lengths, table));
  Protocol protocol = small_protocol();
  protocol.sessions.min_track = 2;
  EXPECT_FLOAT_EQ(data.prepare(protocol).log.completion[0], 0.25f);
}

TEST(LengthTable, FindsNamesWhateverTheirCaseBlanksAndQuotes) {
  const TestData data;
  const Path table = data.scratch.file("lengths.tsv", "artist\ttitle\tduration_ms\nANN \tDon\u2019t   Go\t200000\nann\tdon't go\t1\n");
  data.import("log.tsv", line("ann", 0, "don't go") + line("ann", 100, "other"), with(&ImportOptions::lengths, table));
  const TrackKeys keys(data.folder(), true);
  EXPECT_EQ(LengthTable(data.folder()).by_name(keys), (std::vector<int64_t>{200'000, 0}));  // the first row counts
}

TEST(LengthTable, FindsKeys) {
  const TestData data;
  const Path table = data.scratch.file(
      "lengths.tsv", "track_key\tartist\ttitle\tduration_ms\nid-1\tX\tY\t7000\ntrackname_Ann||b\t\t\t8000\n");
  data.import("log.tsv", line("ann", 0, "a", "id-1") + line("ann", 100, "b"), with(&ImportOptions::lengths, table));
  const TrackKeys keys(data.folder(), true);
  EXPECT_EQ(LengthTable(data.folder()).by_key(keys), (std::vector<int64_t>{7000, 8000}));
}

TEST(LengthTable, IsEmptyWhereNoneWasGiven) {
  const TestData data;
  data.import("log.tsv", line("ann", 0, "a"));
  EXPECT_TRUE(LengthTable(data.folder()).empty());
}

TEST(DescribeRatios, CountsTheOnesInTheLastTwentieth) {
  const auto out = describe_ratios({1.0, 0.5, 0.04, 0.95}, 5);
  EXPECT_EQ(out.at("known"), 4);
  EXPECT_EQ(out.at("missing"), 1);
  EXPECT_DOUBLE_EQ(out.at("median").get<double>(), (0.5 + 0.95) / 2);
  EXPECT_DOUBLE_EQ(out.at("complete_share").get<double>(), 0.25);
  EXPECT_EQ(out.at("twentieths").at(0), 1);
  EXPECT_EQ(out.at("twentieths").at(10), 1);
  EXPECT_EQ(out.at("twentieths").at(19), 2);
}

}  // namespace
}  // namespace segue
