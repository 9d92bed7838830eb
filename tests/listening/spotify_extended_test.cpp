#include <gtest/gtest.h>

#include "support/kept_rows.h"

namespace segue {
namespace {

constexpr const char* format = "spotify-extended";

std::string row(const std::string& more, const std::string& ts = "1970-01-01T00:01:00Z", const std::string& ms = "1500") {
  return fmt::format(
      R"({{"ts":"{}","ms_played":{},"master_metadata_album_artist_name":"Ann","master_metadata_track_name":"One"{}}})",
      ts, ms, more);
}

TEST(SpotifyExtended, TakesTheStampForTheEnd) {
  const auto rows = read_rows(format, {{"endsong_0.json", "[" +
      row(R"(,"username":"ann","spotify_track_uri":"spotify:track:1","reason_end":"fwdbtn","skipped":true)") + "]"}}, 5);
  ASSERT_EQ(rows.kept.size(), 1u) << rows.error;
  const KeptPlay play{.listener = "ann", .artist = "Ann", .track_id = "spotify:track:1", .title = "One", .reason_end = "fwdbtn",
                      .start_ms = 58'500, .start_error_s = 1, .row = 1, .played_ms = 1500, .skipped = true};
  EXPECT_EQ(rows.kept[0], play);
}

TEST(SpotifyExtended, KnowsThatASkipMayNotBeSaid) {
  const auto skipped = [](const std::string& value) {
    return read_rows(format, {{"f", "[" + row(",\"skipped\":" + value) + "]"}}).kept.at(0).skipped;
  };
  EXPECT_EQ(skipped("null"), std::nullopt);
  EXPECT_EQ(skipped("false"), false);
  EXPECT_EQ(skipped("1"), true);
  EXPECT_EQ(skipped("\"yes\""), std::nullopt);
}

TEST(SpotifyExtended, RefusesEpisodesAndAudiobooks) {
  const std::string none =
      R"({"ts":"2020-01-01T00:00:00Z","ms_played":1,"master_metadata_track_name":null,"master_metadata_album_artist_name":null)";
  const auto rows = read_rows(
      format, {{"f", "[" + none + R"(,"episode_name":"E"},)" + none + R"(,"audiobook_title":"B"},)" + none + "}]"}});
  EXPECT_EQ(rows.refused, (Refused{{1, "podcast"}, {2, "podcast"}, {3, "no-name"}}));
}

TEST(SpotifyExtended, RefusesTimesAndLengthsThatMakeNoSense) {
  const auto rows = read_rows(format, {{"f", "[" + row("", "yesterday") + "," + row("", "2020-01-01T00:00:00Z", "-5") +
                                                 "," + row("", "2020-01-01T00:00:00Z", "1e300") + "," +
                                                 row("", "2020-01-01T00:00:00Z", "null") + "]"}});
  EXPECT_EQ(rows.refused, (Refused{{1, "no-time"}, {2, "wrong-type"}, {3, "wrong-type"}, {4, "wrong-type"}}));
}

}  // namespace
}  // namespace segue
