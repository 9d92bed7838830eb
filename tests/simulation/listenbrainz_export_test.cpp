#include "simulation/listenbrainz_export.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "one_song.h"
#include "tiny_world.h"

namespace segue::simulation {
namespace {

TEST(ListenBrainz, HasOneFileOfListensAMonth) {
  const auto files = unzip(zip(listenbrainz(one_song(), "ann", two_plays)));
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(nlohmann::json::parse(files.at("user.json")).at("username"), "ann");
  const auto first = nlohmann::json::parse(files.at("listens/2024/12.jsonl"));
  const auto second = nlohmann::json::parse(files.at("listens/2025/1.jsonl"));
  EXPECT_EQ(first.at("listened_at"), 1735689420);
  EXPECT_EQ(first.at("track_metadata").at("artist_name"), "A \"B\", C");
  EXPECT_EQ(first.at("track_metadata").at("mbid_mapping").at("recording_mbid"), "t-id");
  EXPECT_EQ(first.at("track_metadata").at("mbid_mapping").at("artists").at(0).at("artist_mbid"), "a-id");
  EXPECT_TRUE(second.at("track_metadata").at("mbid_mapping").is_null());
}

}  // namespace
}  // namespace segue::simulation
