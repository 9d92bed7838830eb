#include "simulation/lastfm_export.h"

#include <gtest/gtest.h>

#include "one_song.h"

namespace segue::simulation {
namespace {

TEST(LastfmLog, IsNewestFirstInSixColumns) {
  EXPECT_EQ(lastfm_log(one_song(), "user_000001", two_plays),
            "user_000001\t2025-01-01T00:00:21Z\ta-id\tA \"B\", C\t\tSong (feat. D)\n"
            "user_000001\t2024-12-31T23:57:00Z\ta-id\tA \"B\", C\tt-id\tSong\n");
}

TEST(LastfmCsv, DoublesTheQuotesInNames) {
  const std::string text = lastfm_csv(one_song(), std::span(two_plays).first(1));
  EXPECT_EQ(text, "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\n"
                  "\"1735689420\",\"31 Dec 2024, 23:57\",\"A \"\"B\"\", C\",\"a-id\",\"Album\",\"b-id\",\"Song\",\"t-id\"\n");
}

}  // namespace
}  // namespace segue::simulation
