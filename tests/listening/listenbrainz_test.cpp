#include <gtest/gtest.h>

#include "support/kept_rows.h"

namespace segue {
namespace {

constexpr const char* format = "listenbrainz";

std::string listen(const std::string& at, const std::string& more = "") {
  return fmt::format(R"({{"listened_at":{},"track_metadata":{{"artist_name":"Ann","track_name":"One"{}}}}})", at, more);
}

KeptPlay only(const std::string& text) {
  const auto rows = read_rows(format, {{"listens/2020/1.jsonl", text}});
  EXPECT_EQ(rows.kept.size(), 1u) << rows.error;
  return rows.kept.empty() ? KeptPlay{} : rows.kept.front();
}

TEST(Listenbrainz, PrefersTheMatchOfTheServer) {
  const KeptPlay play = only(listen("1600000000.000000",
      R"(,"mbid_mapping":{"recording_mbid":"r1","artist_mbids":["a1"]},"additional_info":{"recording_mbid":"r2","duration_ms":180000.4})"));
  const KeptPlay expected{.artist_id = "a1", .artist = "Ann", .track_id = "r1", .title = "One", .start_ms = 1'600'000'000'000,
                          .start_error_s = 1, .row = 1, .length_ms = 180'000};
  EXPECT_EQ(play, expected);
  EXPECT_EQ(only(listen("1", R"(,"mbid_mapping":null,"additional_info":{"recording_mbid":"r2"})")).track_id, "r2");
  EXPECT_EQ(only(listen("1", R"(,"mbid_mapping":{"artists":[{"artist_mbid":"a3"}]})")).artist_id, "a3");
}

TEST(Listenbrainz, TakesLengthsAsClientsSendThem) {
  const auto length = [](const std::string& info) { return only(listen("1", ",\"additional_info\":{" + info + "}")).length_ms; };
  EXPECT_EQ(length(R"("duration":180)"), 180'000);
  EXPECT_EQ(length(R"("duration_ms":"180000")"), 180'000);
  EXPECT_EQ(length(R"("duration_ms":0,"duration":1.5)"), 1500);
  EXPECT_EQ(length(R"("duration_ms":-1)"), std::nullopt);
  EXPECT_EQ(length(R"("duration_ms":1e300)"), std::nullopt);
  EXPECT_EQ(length(""), std::nullopt);
}

TEST(Listenbrainz, ReadsLinesAndArraysYearByYear) {
  const auto rows = read_rows(format, {{"listens/2020/2.jsonl", "\xef\xbb\xbf" + listen("2") + "\r\n\r\n" + listen("3") + "\n"},
                                       {"listens/2020/10.jsonl", listen("4")},
                                       {"listens/2019/12.jsonl", " [ " + listen("1") + " ]"}}, 3);
  ASSERT_EQ(rows.kept.size(), 4u) << rows.error;
  for (int64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(rows.kept[static_cast<size_t>(i)].start_ms, (i + 1) * 1000);
    EXPECT_EQ(rows.kept[static_cast<size_t>(i)].row, i + 1);
  }
}

TEST(Listenbrainz, RefusesWhatIsNoListen) {
  const std::string text = listen("null") + "\n" + listen("1e300") +
                           "\n{\"listened_at\":1}\n{\"listened_at\":1,\"track_metadata\":[]}\n7\nbroken\n" +
                           R"({"listened_at":1,"track_metadata":{"artist_name":["Ann"],"track_name":"One"}})"
                           "\n" +
                           std::string(2 << 20, '{') + "\n" + listen("-1");
  const auto rows = read_rows(format, {{"f.jsonl", text}});
  EXPECT_EQ(rows.refused, (Refused{{1, "no-time"},
                                   {2, "no-time"},
                                   {3, "no-name"},
                                   {4, "wrong-type"},
                                   {5, "not-an-object"},
                                   {6, "malformed-line"},
                                   {7, "wrong-type"},
                                   {8, "too-long"}}));
  ASSERT_EQ(rows.kept.size(), 1u);
  EXPECT_EQ(rows.kept[0].start_ms, -1000);
}

TEST(Listenbrainz, FindsTheNameOfTheListener) {
  const auto importer = importers().at(format)({});
  EXPECT_EQ(importer->listener(MemorySource(MemoryFiles{{"user.json", "{\"user_id\":1,\"username\":\"ann\"}\n"}})), "ann");
}

}  // namespace
}  // namespace segue
