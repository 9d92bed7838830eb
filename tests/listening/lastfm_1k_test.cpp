#include <gtest/gtest.h>

#include "support/kept_rows.h"

namespace segue {
namespace {

constexpr const char* format = "lastfm-1k";

TEST(Lastfm1k, ReadsSixFields) {
  const auto rows = read_rows(
      format, {{"log.tsv", "u1\t1970-01-01T00:00:01Z\ta1\tAnn \"A\"\tt1\tOne\r\nu1\t2100-01-01T00:00:00\t\t\t\t\n"}},
      3);
  ASSERT_EQ(rows.kept.size(), 2u) << rows.error;
  const KeptPlay one{.listener = "u1",
                     .artist_id = "a1",
                     .artist = "Ann \"A\"",
                     .track_id = "t1",
                     .title = "One",
                     .start_ms = 1000,
                     .start_error_s = 1,
                     .row = 1};
  EXPECT_EQ(rows.kept[0], one);
  EXPECT_EQ(rows.kept[1].start_ms, 4'102'444'800'000);
}

TEST(Lastfm1k, RefusesOtherLines) {
  const auto rows = read_rows(
      format,
      {{"log.tsv",
        "u1\t1970-01-01T00:00:01Z\ta\tb\tc\n\nu1\t1970-01-01T00:00:01Z\ta\tb\tc\td\te\nu1\t1970-02-30T00:00:01Z\ta\tb\tc\td\n"
        "\t1970-01-01T00:00:01Z\ta\tb\tc\td\n\t\t\t\t\t"}});
  EXPECT_EQ(rows.refused, (Refused{{1, "malformed-line"}, {2, "malformed-line"}, {3, "no-time"}, {4, "no-listener"}, {5, "no-time"}}));
}

TEST(Lastfm1k, KeepsTheOrderOfALogWhoseClockGoesBack) {
  const auto rows = read_rows(format, {{"log", "u\t2020-01-02T00:00:00Z\t\ta\t\tb\nu\t2020-01-01T00:00:00Z\t\ta\t\tb\n"}});
  ASSERT_EQ(rows.kept.size(), 2u);
  EXPECT_GT(rows.kept[0].start_ms, rows.kept[1].start_ms);
}

TEST(Lastfm1k, HandsOverNulBytesAndWhatIsNotUtf8) {
  const auto rows = read_rows(format, {{"log.tsv", std::string("u1\t1970-01-01T00:00:01Z\t\t\xff\0\t\tx", 29)}});
  ASSERT_EQ(rows.kept.size(), 1u);
  EXPECT_EQ(rows.kept[0].artist, std::string("\xff\0", 2));
}

}  // namespace
}  // namespace segue
