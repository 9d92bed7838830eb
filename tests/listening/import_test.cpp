#include "listening/import.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/random.h"
#include "listening/data_folder.h"
#include "support/archives.h"
#include "support/logs.h"

namespace segue {
namespace {

int64_t refused(const SourceReport& source) {
  int64_t rows = 0;
  for (const auto& [why, fate] : source.refused) rows += fate.count;
  return rows;
}

/// Every row became something, once.
void expect_counted(const SourceReport& s) {
  EXPECT_EQ(s.rows, s.added + s.already_known + refused(s)) << s.path << ": " << s.problem;
  EXPECT_LE(s.refined, s.already_known);
}

const std::string two_plays = line("ann", 0, "One") + line("ann", 60, "Two");

TEST(Import, AgainAddsNothing) {
  const TestData data;
  data.import("log.tsv", two_plays + two_plays);
  const auto report = data.import("log.tsv", two_plays + two_plays);
  EXPECT_EQ(report.sources[0].added, 0);
  EXPECT_EQ(report.sources[0].already_known, 4);
  EXPECT_EQ(report.plays, 4);
  EXPECT_EQ(report.tracks, 2);
}

TEST(Import, OfAGrownLogAddsWhatIsNew) {
  const TestData data;
  data.import("log.tsv", two_plays);
  const auto report = data.import("log.tsv", two_plays + line("ann", 120, "Three") + line("bob", 0, "One"));
  EXPECT_EQ(report.sources[0].added, 2);
  EXPECT_EQ(report.sources[0].already_known, 2);
  EXPECT_EQ(report.plays, 4);
  EXPECT_EQ(report.listeners, 2);
}

TEST(Import, NeverChangesTheNumberOfATrack) {
  const TestData data;
  data.import("b.tsv", line("ann", 0, "Two") + line("ann", 60, "One"));
  const auto before = load_data_folder(data.folder());
  data.import("a.tsv", line("ann", 120, "Three", "id-3") + line("ann", 180, "One", "id-1") + line("ann", 240, "One", "id-x"));
  const auto after = load_data_folder(data.folder());
  for (size_t s = 0; s < before.spellings.track.size(); ++s) {
    EXPECT_EQ(after.spellings.track[s], before.spellings.track[s]);
    EXPECT_EQ(after.spellings.title[s], before.spellings.title[s]);
  }
  for (size_t t = 0; t < before.tracks.title.size(); ++t) EXPECT_EQ(after.tracks.title[t], before.tracks.title[t]);
  EXPECT_EQ(after.tracks.size(), 4);
}

TEST(Import, TakesThePlayedTimeOfAnExportOverToTheFinerStartOfAnother) {
  const TestData data;
  // Ended in minute 10 after 200 s, so it began between 6:40 and 7:39; the scrobble says 7:05.
  data.import("spotify.json", account_export({heard_row(10, "One", 200'000), heard_row(13, "Two", 180'000)}),
              with(&ImportOptions::listener, "ann"));
  const auto report = data.import("lastfm.tsv", line("x", 425, "One") + line("x", 605, "Two"), with(&ImportOptions::listener, "ann"));
  EXPECT_EQ(report.sources[0].already_known, 2) << text_of(report);
  EXPECT_EQ(report.sources[0].refined, 2);
  const auto rows = load_data_folder(data.folder()).plays.rows.at(0);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].start_ms, clock_ms(425));
  EXPECT_EQ(rows[0].played_ms, 200'000);
  EXPECT_EQ(rows[0].start_error_s, 1);
}

/// Ten-minute plays back to back for two days.
std::string back_to_back(const std::string& title) {
  std::vector<std::string> rows;
  for (int i = 1; i < 200; ++i) rows.push_back(heard_row(10 * i, title, 600'000));
  return account_export(rows);
}

TEST(Import, RefusesTwoPeoplesExportsAsOneListenerAndReadsTheRest) {
  const TestData data;
  const std::vector<Path> logs{data.scratch.file("ann.json", back_to_back("One")), data.scratch.file("bob.json", back_to_back("Two")),
                               data.scratch.file("more.json", account_export({heard_row(5000, "Three", 1000)}))};
  const auto report = import_logs(logs, data.folder(), with(&ImportOptions::listener, "me"));
  EXPECT_FALSE(report.complete());
  EXPECT_EQ(report.sources[0].problem, "");
  EXPECT_NE(report.sources[1].problem.find("two people's exports?"), std::string::npos);
  EXPECT_NE(report.sources[1].problem.find("--same-person"), std::string::npos);
  EXPECT_EQ(report.sources[1].added, 0);
  EXPECT_EQ(report.sources[2].problem, "");
  EXPECT_EQ(report.plays, 200);
  ImportOptions same_person = with(&ImportOptions::listener, "me");
  same_person.same_person = true;
  EXPECT_EQ(import_logs({logs[1]}, data.folder(), same_person).plays, 399);
}

TEST(Import, OfTwoPeopleUnderTheirOwnNamesIsFine) {
  const TestData data;
  data.import("ann.json", back_to_back("One"));
  const auto report = data.import("bob.json", back_to_back("Two"));
  EXPECT_TRUE(report.complete());
  EXPECT_EQ(report.listeners, 2);
}

TEST(Import, RemembersCorrections) {
  const TestData data;
  const Path table = data.scratch.file("c.tsv", "artist\ttitle\tsame_as_artist\tsame_as_title\nAnn\tWnu\tAnn\tOne\n");
  data.import("log.tsv", line("ann", 0, "One"), with(&ImportOptions::corrections, table));
  EXPECT_EQ(data.import("more.tsv", line("ann", 60, "Wnu")).tracks, 1);
}

TEST(Import, CorrectsWhatIsThereAlready) {
  const TestData data;
  EXPECT_EQ(data.import("log.tsv", line("ann", 0, "One") + line("ann", 60, "Wnu")).tracks, 2);
  const Path table = data.scratch.file("c.tsv", "artist\ttitle\tsame_as_artist\tsame_as_title\nAnn\tWnu\tAnn\tOne\n");
  data.import("log.tsv", line("ann", 0, "One"), with(&ImportOptions::corrections, table));
  EXPECT_EQ(load_data_folder(data.folder()).spellings.track, (std::vector<int32_t>{0, 0}));
}

TEST(Import, CountsSpoiltNamesAndOddDates) {
  const TestData data;
  const std::string spoilt_name = line("ann", 0, "O\xff""e");
  const auto report =
      data.import("log.tsv", spoilt_name + "ann\t1970-01-01T00:00:00Z\t\tAnn\t\tOld\nann\t2100-01-01T00:00:00Z\t\tAnn\t\tNew\n" +
                                 line("ann", 60, "One") + "spoilt\n");
  const auto& source = report.sources.at(0);
  EXPECT_EQ(source.flagged.at("invalid-utf8").count, 1);
  EXPECT_EQ(source.flagged.at("odd-date").count, 2);
  EXPECT_EQ(source.flagged.at("odd-date").row, 2);
  EXPECT_EQ(source.refused.at("malformed-line").count, 1);
  EXPECT_EQ(source.refused.at("malformed-line").example, "spoilt");
  expect_counted(source);
}

TEST(Import, FlagsOnlyWhatItAdds) {
  const TestData data;
  const std::string odd = line("ann", 0, "O\xff""e") + "ann\t1970-01-01T00:00:00Z\t\tAnn\t\tOld\n";
  data.import("log.tsv", odd + two_plays);
  const auto again = data.import("log.tsv", odd + two_plays).sources.at(0);
  EXPECT_EQ(again.already_known, 4);
  EXPECT_TRUE(again.flagged.empty());
  const auto grown = data.import(
      "log.tsv", odd + line("bob", 0, "One") + "bob\t1970-01-02T00:00:00Z\t\tAnn\t\tOlder\n" + line("bob", 0, "One"));
  EXPECT_EQ(grown.sources.at(0).flagged.size(), 2u);
  EXPECT_EQ(grown.sources.at(0).flagged.at("odd-date").count, 1);
  EXPECT_EQ(grown.sources.at(0).flagged.at("odd-date").example, "Older");
  EXPECT_EQ(grown.sources.at(0).flagged.at("duplicate").row, 5);
}

TEST(Import, FlagsASpoiltNameOfAListener) {
  const auto report = TestData().import("log.tsv", line("an\xff", 0, "One") + line("an\xff", 60, "Two"));
  EXPECT_EQ(report.sources.at(0).flagged.at("invalid-utf8").count, 2);
}

TEST(Import, OfAClockThatGoesBackPutsThePlaysInOrder) {
  const TestData data;
  data.import("log.tsv", line("ann", 300, "Three") + line("ann", 0, "One") + line("ann", 120, "Two"));
  const auto folder = load_data_folder(data.folder());
  std::string order;
  for (const auto& row : folder.plays.rows[0]) order += std::string(folder.spellings.title[static_cast<size_t>(row.spelling)]) + " ";
  EXPECT_EQ(order, "One Two Three ");
}

TEST(Import, OfASpoiltArchiveKeepsWhatCameBeforeAndReadsTheOthers) {
  const TestData data;
  std::string many;
  for (int i = 0; i < 20000; ++i) many += line("ann", 60 * (i % 30000), std::to_string(i * 7919 % 10007));
  write_archive(data.scratch / "whole.gz", Packing::gz, {{"log.tsv", many}});
  const std::string bytes = read_file(data.scratch / "whole.gz");
  const std::vector<Path> logs{data.scratch.file("cut.tsv.gz", bytes.substr(0, bytes.size() / 2)),
                               data.scratch.file("good.tsv", line("bob", 0, "One"))};
  const auto report = import_logs(logs, data.folder(), {});
  EXPECT_FALSE(report.complete());
  EXPECT_GT(report.sources[0].added, 1000);
  EXPECT_NE(report.sources[0].problem, "");
  EXPECT_EQ(report.sources[1].added, 1);
  for (const auto& source : report.sources) expect_counted(source);
}

TEST(Import, OfWhatIsNoLogLeavesTheFolderAsItWas) {
  const TestData data;
  data.import("log.tsv", two_plays);
  const auto before = read_file(data.folder() / "plays.parquet");
  const auto report = import_logs(
      {data.scratch.file("notes.txt", "hello\n"), data.scratch / "absent", data.scratch.file("empty.tsv", "")},
      data.folder(), {});
  EXPECT_FALSE(report.complete());
  for (const auto& source : report.sources) EXPECT_NE(source.problem, "") << source.path;
  EXPECT_EQ(report.plays, 2);
  EXPECT_EQ(load_data_folder(data.folder()).plays.count(), 2);
}

TEST(Import, OfNothingMakesNoDataFolder) {
  const TestData data;
  const auto report = data.import("empty.tsv", "");
  EXPECT_FALSE(report.complete());
  EXPECT_EQ(report.plays, 0);
  EXPECT_FALSE(std::filesystem::exists(data.folder() / "plays.parquet"));
}

TEST(Import, ReplacesTheLengthsAndSaysWhatATableLacks) {
  const TestData data;
  data.import(
      "log.tsv", two_plays,
      with(&ImportOptions::lengths, data.scratch.file("l.tsv", "artist\ttitle\tduration_ms\nAnn\tOne\t1000\n")));
  EXPECT_TRUE(std::filesystem::exists(data.folder() / "lengths.parquet"));
  const Path spoilt = data.scratch.file("m.tsv", "artist\ttitle\nAnn\tOne\n");
  EXPECT_NE(
      error_of([&] { data.import("log.tsv", two_plays, with(&ImportOptions::lengths, spoilt)); }).find("duration_ms"),
      std::string::npos);
  EXPECT_EQ(load_data_folder(data.folder()).plays.count(), 2);
}

TEST(Import, ReportsThatComeBackAsTheyWere) {
  const TestData data;
  const auto report = data.import("log.tsv", two_plays + "spoilt\n");
  const auto read = load_sources(data.folder());
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].rows, 3);
  EXPECT_EQ(read[0].refused.at("malformed-line").example, "spoilt");
  EXPECT_EQ(read[0].newest_first, true);
  EXPECT_EQ(to_json(report).at("sources").at(0).at("rows"), 3);
  EXPECT_NE(text_of(report).find("refused: malformed-line"), std::string::npos);
}

TEST(ImportProperty, CountsEveryRowOfSpoiltLogsOnce) {
  const std::vector<std::string> samples = {
      two_plays + line("bob", 0, "One") + line("bob", 0, "One"),
      account_export({heard_row(0, "One", 1000), heard_row(5, "Two", 200'000), heard_row(5, "Two", 200'000)}),
      "user_id:token\titem_id:token\ttimestamp:float\nu1\tt1\t1204329600\nu2\tt1\t1204329601\n",
      "artist,album,track,date\nAnn,Al,One,\"04 May 2009, 23:08\"\nAnn,Al,Two,\"04 May 2009, 23:12\"\n",
  };
  Random random(7);
  for (int round = 0; round < 60; ++round) {
    const TestData data;
    for (int import = 0; import < 2; ++import) {
      std::string text = samples[static_cast<size_t>(round) % samples.size()];
      for (int change = 0; change < round % 5; ++change) text[random.below(text.size())] = static_cast<char>(random.below(256));
      if (round % 7 == 6) text.resize(random.below(text.size()));
      const auto report = data.import("log", text);
      for (const auto& source : report.sources) expect_counted(source);
      EXPECT_EQ(report.plays, load_data_folder(data.folder()).plays.count());
    }
  }
}

}  // namespace
}  // namespace segue
