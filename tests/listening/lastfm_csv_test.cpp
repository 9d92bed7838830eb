#include <gtest/gtest.h>

#include "support/kept_rows.h"

namespace segue {
namespace {

constexpr const char* format = "lastfm-csv";
constexpr int64_t then = 1'577'882'096'000;  // 2020-01-01 12:34:56 UTC

KeptRows rows_of(const std::string& text, const std::string& zone = "UTC", size_t block = 5) {
  return read_rows(format, {{"scrobbles.csv", text}}, block, {.time_zone = zone});
}

TEST(LastfmCsv, FindsColumnsByTheirNames) {
  const auto rows = rows_of("\xef\xbb\xbfuts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\r\n"
                            "\"1577882096\",\"01 Jan 2020, 12:34\",\"Ann \"\"A\"\" Lee\",a1,\"Al, bum\",,\"One\r\nmore\",t1\r\n");
  const KeptPlay play{.artist_id = "a1",
                      .artist = "Ann \"A\" Lee",
                      .track_id = "t1",
                      .title = "One\r\nmore",
                      .start_ms = then,
                      .start_error_s = 1,
                      .row = 1};
  ASSERT_EQ(rows.kept.size(), 1u) << rows.error;
  EXPECT_EQ(rows.kept[0], play);
}

TEST(LastfmCsv, ReadsTheDatesThatToolsWrite) {
  const auto start = [](const std::string& header, const std::string& date, const std::string& zone = "UTC") {
    const auto rows = rows_of("Artist;Track;" + header + "\nAnn;One;" + date + "\n", zone);
    EXPECT_EQ(rows.kept.size(), 1u) << date << rows.error;
    return rows.kept.empty() ? std::pair<int64_t, int64_t>() : std::pair(rows.kept[0].start_ms - then, rows.kept[0].start_error_s);
  };
  using Start = std::pair<int64_t, int64_t>;
  EXPECT_EQ(start("date", "1577882096"), Start(0, 1));
  EXPECT_EQ(start("Date#ann", "1577882096000"), Start(0, 1));
  EXPECT_EQ(start("timestamp", "2020-01-01T12:34:56Z"), Start(0, 1));
  EXPECT_EQ(start("date", "01 Jan 2020, 12:34"), Start(-56'000, 60));
  EXPECT_EQ(start("date", "2020-01-01 13:34", "Europe/Berlin"), Start(-56'000, 60));
  EXPECT_EQ(start("utc_time", "2020-01-01 12:34", "Europe/Berlin"), Start(-56'000, 60));
  EXPECT_EQ(start("Date[UTC+2]", "2020-01-01 14:34:56", "Europe/Berlin"), Start(0, 1));
  EXPECT_EQ(start("date", "1577882096", "Europe/Berlin"), Start(0, 1));
}

TEST(LastfmCsv, JoinsADateAndATimeOfDay) {
  const auto rows = rows_of(",Username,Artist,Track,Album,Date,Time\n0,ann,Ann,One,Al,01 Jan 2020,12:34\n");
  ASSERT_EQ(rows.kept.size(), 1u) << rows.error;
  EXPECT_EQ(rows.kept[0].start_ms, then - 56'000);
  EXPECT_EQ(rows.kept[0].listener, "ann");
}

TEST(LastfmCsv, ReadsTablesWithoutAHeader) {
  const auto rows = rows_of("Ann,Al,One,01 Jan 2020 12:34\n\"Bob, Jr\",,Two,\"01 Jan 1970, 00:00\"\n");
  ASSERT_EQ(rows.kept.size(), 2u) << rows.error;
  EXPECT_EQ(rows.kept[0].artist, "Ann");
  EXPECT_EQ(rows.kept[1].artist, "Bob, Jr");
  EXPECT_EQ(rows.kept[1].start_ms, 0);
  EXPECT_EQ(rows.kept[1].row, 2);
}

TEST(LastfmCsv, RefusesRowsThatAreNoPlays) {
  const auto rows = rows_of(
      "artist,track,date\nAnn,One\nAnn,One,2020-01-01 12:34,x\n,One,2020-01-01 12:34\nAnn,,2020-01-01 12:34\nAnn,One,\n"
      "Ann,One,1e300\nAnn,One,2020-02-30 12:34\n\n\"Ann,One,2020-01-01 12:34\nAnn,One,2100-01-01 12:34\n");
  EXPECT_EQ(rows.refused, (Refused{{1, "malformed-line"},
                                   {2, "malformed-line"},
                                   {3, "no-name"},
                                   {4, "no-name"},
                                   {5, "no-time"},
                                   {6, "no-time"},
                                   {7, "no-time"},
                                   {8, "malformed-line"}}));
  ASSERT_EQ(rows.kept.size(), 1u);
  EXPECT_EQ(rows.kept[0].row, 9);
}

TEST(LastfmCsv, LosesOneLineToAStrayQuoteAndOneToALongField) {
  std::string text = "artist,track,date\n\"Ann,One,2020-01-01 12:34\n";
  for (int i = 0; i < 5000; ++i) text += "Ann,One,2020-01-01 12:34\n";
  text += "Ann," + std::string(100'000, 'x') + ",2020-01-01 12:34\nAnn,One,2020-01-01 12:34";
  const auto rows = rows_of(text, "UTC", 1000);
  EXPECT_EQ(rows.refused, (Refused{{1, "malformed-line"}, {5002, "too-long"}}));
  EXPECT_EQ(rows.kept.size(), 5001u);
}

TEST(LastfmCsv, SaysThatColumnsAreMissing) {
  EXPECT_NE(rows_of("a,b,c\n1,2,3\n").error.find("no columns for artist, track and date"), std::string::npos);
  EXPECT_THROW(importers().at(format)({.time_zone = "Mars/Olympus"}), Error);
}

}  // namespace
}  // namespace segue
