#include "simulation/written.h"

namespace segue::simulation {

Written written(const World& world, const Play& play) {
  const Track& track = world.tracks[play.track];
  const Spelling& spelling = track.spellings[play.spelling];
  return {.artist = world.artists[track.artist],
          .album = world.albums[track.album],
          .track = track,
          .title = spelling.title,
          .mbid = play.mbid ? spelling.mbid : std::string(),
          .end_s = play.start_s + play.played_ms / 1000};
}

}  // namespace segue::simulation
