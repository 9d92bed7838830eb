#include "sessions/whole_log.h"

#include <gtest/gtest.h>

namespace segue {
namespace {

/// One listener; track 0 is 100 s long, nobody says how long track 1 is.
DataFolder folder_of(const std::vector<PlayRow>& rows) {
  DataFolder folder;
  for (const char* title : {"a", "b"}) folder.tracks.add("x", title, "");
  folder.tracks.length_ms = {100'000, 0};
  folder.spellings.track = {0, 1};
  folder.plays.listeners = {"ann"};
  folder.plays.rows = {rows};
  return folder;
}

PlayRow play(int64_t second, int32_t track, int32_t played_ms = -1) {
  PlayRow row;
  row.start_ms = 1000 * second;
  row.spelling = track;
  row.played_ms = played_ms;
  return row;
}

TEST(WholeLog, SaysHowFarPlaysWereHeardAsPreparingDoes) {
  const Log log = whole_log(folder_of({play(0, 0, 50'000), play(100, 0), play(130, 0), play(9000, 1, 80'000), play(9100, 1, 80'000), play(9200, 1, 20'000)}), 1200);
  using Kind = CompletionKind;
  EXPECT_EQ(log.completion_kind, (std::vector<Kind>{Kind::real, Kind::inferred, Kind::unknown, Kind::real, Kind::real, Kind::real}));
  const std::vector<float> expected{0.5F, 0.3F, 0, 1, 1, 0.25F};  // the third play ends a session; 80 s were played twice
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_FLOAT_EQ(log.completion[i], expected[i]) << i;
}

TEST(WholeLog, KnowsNothingWhereNobodySaysHowLongATrackIs) {
  const Log log = whole_log(folder_of({play(0, 1), play(100, 1), play(200, 1, 50'000)}), 1200);
  EXPECT_EQ(log.completion_kind, (std::vector<CompletionKind>(3, CompletionKind::unknown)));
}

}  // namespace
}  // namespace segue
