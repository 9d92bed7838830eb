#include <gtest/gtest.h>

#include "support/kept_rows.h"

namespace segue {
namespace {

constexpr const char* format = "spotify-account";

std::string row(const std::string& end, const std::string& artist, const std::string& title, const std::string& ms) {
  return fmt::format(R"({{"endTime":"{}","artistName":"{}","trackName":"{}","msPlayed":{}}})", end, artist, title, ms);
}

TEST(SpotifyAccount, StartsAPlayAsLongBeforeItsEndAsItWasHeard) {
  const std::string text =
      "[" + row("1970-01-01 00:03", "Ann", "One", "61500") + ",\r\n" + row("1970-01-01 00:03", "Bob", "Two", "0") + "]";
  for (const size_t block : {1, 7, 1 << 20}) {
    const auto rows = read_rows(format, {{"StreamingHistory0.json", "\xef\xbb\xbf" + text}}, block);
    ASSERT_EQ(rows.kept.size(), 2u) << rows.error;
    const KeptPlay one{.artist = "Ann", .title = "One", .start_ms = 118'500, .start_error_s = 60, .row = 1, .played_ms = 61'500};
    const KeptPlay two{.artist = "Bob", .title = "Two", .start_ms = 180'000, .start_error_s = 60, .row = 2, .played_ms = 0};
    EXPECT_EQ(rows.kept[0], one);
    EXPECT_EQ(rows.kept[1], two);
    EXPECT_TRUE(rows.refused.empty());
  }
}

TEST(SpotifyAccount, ReadsFilesByTheirNumbers) {
  std::map<std::string, std::string> files;
  for (const std::string n : {"0", "2", "10"}) {
    files["my data/StreamingHistory_music_" + n + ".json"] = "[" + row("2020-01-01 00:00", "Ann", n, "1") + "]";
  }
  const auto rows = read_rows(format, files);
  ASSERT_EQ(rows.kept.size(), 3u);
  EXPECT_EQ(rows.kept[0].title, "0");
  EXPECT_EQ(rows.kept[1].title, "2");
  EXPECT_EQ(rows.kept[2].title, "10");
  EXPECT_EQ(rows.kept[2].row, 3);
}

TEST(SpotifyAccount, RefusesRowsThatAreNoPlays) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {row("2020-01-01 00:00", "", "One", "1"), "no-name"},
      {R"({"endTime":"2020-01-01 00:00","artistName":null,"trackName":"One","msPlayed":1})", "no-name"},
      {R"({"endTime":"2020-01-01 00:00","msPlayed":1})", "no-name"},
      {R"({"endTime":"2020-01-01 00:00","podcastName":"P","episodeName":"E","msPlayed":1})", "podcast"},
      {R"({"endTime":"2020-01-01 00:00","artistName":7,"trackName":"One","msPlayed":1})", "wrong-type"},
      {R"({"endTime":5,"artistName":"Ann","trackName":"One","msPlayed":1})", "wrong-type"},
      {row("2020-01-01T00:00", "Ann", "One", "1"), "no-time"},
      {row("2020-02-30 00:00", "Ann", "One", "1"), "no-time"},
      {row("0001-01-01 00:00", "Ann", "One", "1"), "no-time"},
      {R"({"artistName":"Ann","trackName":"One","msPlayed":1})", "no-time"},
      {row("2020-01-01 00:00", "Ann", "One", "-1"), "wrong-type"},
      {row("2020-01-01 00:00", "Ann", "One", "1e300"), "wrong-type"},
      {row("2020-01-01 00:00", "Ann", "One", "\"1\""), "wrong-type"},
      {row("2020-01-01 00:00", "Ann", "One", "NaN"), "malformed-line"},
      {std::string("{\"a\":\"\0\"}", 9), "malformed-line"},
      {"12", "not-an-object"},
      {"[[]]", "not-an-object"},
      {"\"" + std::string(2 << 20, 'x') + "\"", "too-long"},
      {std::string(1000, '[') + std::string(1000, ']'), "malformed-line"},
  };
  std::string text;
  Refused expected;
  for (const auto& [json, why] : cases) {
    text += (text.empty() ? "[" : ",") + json;
    expected[static_cast<int64_t>(expected.size()) + 1] = why;
  }
  const auto rows = read_rows(format, {{"StreamingHistory0.json", text + "," + row("2100-12-31 23:59", "Ann", "One", "1") + "]"}});
  EXPECT_EQ(rows.refused, expected);
  ASSERT_EQ(rows.kept.size(), 1u) << rows.error;
  EXPECT_EQ(rows.kept[0].row, static_cast<int64_t>(cases.size()) + 1);
}

TEST(SpotifyAccount, HandsOverNamesWithQuotesAndWhatIsNotUtf8) {
  const auto rows = read_rows(format, {{"f", "[" + row("2020-01-01 00:00", R"(\"Weird Al\")", "caf\xe9", "1") + "]"}});
  ASSERT_EQ(rows.kept.size(), 1u);
  EXPECT_EQ(rows.kept[0].artist, "\"Weird Al\"");
  EXPECT_EQ(rows.kept[0].title, "caf\xe9");
}

TEST(SpotifyAccount, HandsOverWhatWasWholeWhereAFileBreaksOff) {
  const std::string good = row("2020-01-01 00:00", "Ann", "One", "1");
  const auto rows = read_rows(format, {{"StreamingHistory3.json", "[" + good + "," + good.substr(0, 20)}});
  EXPECT_EQ(rows.kept.size(), 1u);
  EXPECT_EQ(rows.error,
            fmt::format("memory: StreamingHistory3.json: byte {}: an element is not closed; is the file whole?",
                        2 + good.size() + 20));
}

TEST(SpotifyAccount, FindsTheNameOfTheListener) {
  const auto importer = importers().at(format)({});
  EXPECT_EQ(importer->listener(MemorySource(MemoryFiles{{"a/Userdata.json", R"({"username":"ann"})"}})), "ann");
  EXPECT_EQ(importer->listener(MemorySource(MemoryFiles{{"a/Userdata.json", "[]"}, {"b.json", ""}})), "");
}

}  // namespace
}  // namespace segue
