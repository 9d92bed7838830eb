#include "simulation/spotify_export.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "one_song.h"
#include "tiny_world.h"

namespace segue::simulation {
namespace {

TEST(SpotifyAccount, SaysWhenAPlayEndedToTheMinute) {
  const auto files = spotify_account(one_song(), two_plays, 1);
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[1].name, "Spotify Account Data/StreamingHistory_music_1.json");
  EXPECT_EQ(nlohmann::json::parse(files[0].bytes), nlohmann::json::parse(R"([
    {"endTime": "2025-01-01 00:00", "artistName": "A \"B\", C", "trackName": "Song", "msPlayed": 200000}])"));
}

TEST(SpotifyExtended, SaysWhyAPlayBeganAndEnded) {
  const auto files = spotify_extended(one_song(), two_plays, Random(1));
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files[0].name, "Spotify Extended Streaming History/Streaming_History_Audio_2025_0.json");
  const nlohmann::json row = nlohmann::json::parse(files[0].bytes).at(1);
  EXPECT_EQ(row.at("ts"), "2025-01-01T00:00:51Z");
  EXPECT_EQ(row.at("ms_played"), 30500);
  EXPECT_EQ(row.at("reason_start"), "trackdone");
  EXPECT_EQ(row.at("reason_end"), "fwdbtn");
  EXPECT_EQ(row.at("skipped"), true);
  EXPECT_EQ(row.at("master_metadata_track_name"), "Song (feat. D)");
  EXPECT_TRUE(row.at("episode_name").is_null());
}

TEST(SpotifyExtended, HasPodcastsBetweenSessionsThatOverlapNothing) {
  const Simulation& made = whole_world();
  int64_t podcasts = 0;
  for (const auto& file : spotify_extended(made.world, made.plays[0], Random(1))) {
    std::string last;
    for (const auto& row : nlohmann::json::parse(file.bytes)) {
      podcasts += row.at("master_metadata_track_name").is_null();
      EXPECT_LE(last, row.at("ts"));
      last = row.at("ts");
    }
  }
  EXPECT_GT(podcasts, 5);
}

}  // namespace
}  // namespace segue::simulation
