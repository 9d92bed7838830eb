#pragma once

#include <vector>

#include "simulation/walk.h"

namespace segue::simulation {

inline World one_song() {
  World world;
  world.artists.push_back({.name = "A \"B\", C", .mbid = "a-id", .genre = 0, .latent = {}, .first_track = 0, .tracks = 1});
  world.albums.push_back({.title = "Album", .mbid = "b-id", .artist = 0, .released_s = 0, .first_track = 0, .tracks = 1});
  world.tracks.push_back({.genre = 0, .artist = 0, .album = 0, .position = 1, .length_ms = 200000, .released_s = 0, .weight = 1,
                          .latent = {}, .spellings = {{"Song", "t-id"}, {"Song (feat. D)", ""}}, .uri = "spotify:track:x"});
  return world;
}

/// 2024-12-31T23:57:00Z for 200 s, hence into the next year; then half a minute of it under its other name.
inline const std::vector<Play> two_plays = {
    {.track = 0, .spelling = 0, .start_s = 1735689420, .played_ms = 200000, .kind = Kind::genre,
     .opens_session = true, .complete = true, .mbid = true, .match = 1},
    {.track = 0, .spelling = 1, .start_s = 1735689621, .played_ms = 30500, .kind = Kind::replay,
     .opens_session = false, .complete = false, .mbid = true, .match = 1}};

}  // namespace segue::simulation
