#include "simulation/world.h"

#include <gtest/gtest.h>

#include <set>

#include "tiny_world.h"

namespace segue::simulation {
namespace {

TEST(World, ThreeTracksInTenComeOutDuringTheLog) {
  const World& world = whole_world().world;
  int64_t late = 0;
  for (const Track& track : world.tracks) late += track.released_s > 0;
  EXPECT_NEAR(1.0 * late / world.tracks.size(), 0.3, 0.05);
}

TEST(World, NoTwoSpellingsHaveOneKey) {
  const World& world = whole_world().world;
  std::set<std::string> keys;
  size_t spellings = 0;
  for (const Track& track : world.tracks) {
    for (const Spelling& spelling : track.spellings) {
      keys.insert(track_key(world, track, spelling));
      ++spellings;
    }
  }
  EXPECT_EQ(keys.size(), spellings);
  EXPECT_GT(spellings, world.tracks.size() * 105 / 100);
}

TEST(World, HasTheDirtOfRealLogs) {
  const World& world = whole_world().world;
  int64_t quotes = 0, commas = 0, other_scripts = 0, no_mbid = 0, live = 0, remasters = 0, namesakes = 0;
  for (const Track& track : world.tracks) {
    const std::string& title = track.spellings[0].title;
    quotes += title.find('"') != std::string::npos;
    commas += title.find(',') != std::string::npos;
    other_scripts += static_cast<unsigned char>(title[0]) >= 0xce;
    no_mbid += track.spellings[0].mbid.empty();
    live += track.version_of >= 0;
    for (const Spelling& spelling : track.spellings) remasters += spelling.title.find("Remastered") != std::string::npos;
    namesakes += track.spellings.size() == 2 && track.spellings[1].title == title;
  }
  for (const int64_t some : {quotes, commas, other_scripts, no_mbid, live, remasters, namesakes}) EXPECT_GT(some, 10);
}

TEST(World, ALiveVersionIsAnotherTrackThatSoundsAlike) {
  const World& world = whole_world().world;
  for (const Track& track : world.tracks) {
    if (track.version_of < 0) continue;
    const Track& original = world.tracks[track.version_of];
    EXPECT_EQ(original.artist, track.artist);
    EXPECT_TRUE(track.spellings[0].title.starts_with(original.spellings[0].title));
    EXPECT_GT(dot(track.latent, original.latent), 0.9);
  }
}

}  // namespace
}  // namespace segue::simulation
