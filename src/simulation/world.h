#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/arithmetic.h"

namespace segue::simulation {

/// One way in which logs write a track: a remaster, a featured guest, another MusicBrainz entry. All are one track.
struct Spelling {
  std::string title;
  std::string mbid;  // empty where nobody entered it
};

struct Track {
  int32_t genre, artist, album;
  int32_t position;                 // on its album, from 1
  int32_t version_of = -1;          // the track of which this is a live or acoustic version: another track
  int64_t length_ms;
  int64_t released_s;               // 0 before the log begins
  double weight;                    // how popular it is, among all tracks
  Latent latent;
  std::vector<Spelling> spellings;  // the usual one first
  std::string uri;
};

struct Album {
  std::string title, mbid;
  int32_t artist;
  int64_t released_s;
  int32_t first_track, tracks = 0;
};

struct Artist {
  std::string name;
  std::string mbid;  // empty where nobody entered it
  int32_t genre;
  Latent latent;
  int32_t first_track, tracks = 0;
};

/// Everything that can be heard. Tracks of an album lie together in its order, albums of an artist too.
struct World {
  std::vector<Latent> centres;  // of the genres
  std::vector<Artist> artists;
  std::vector<Album> albums;
  std::vector<Track> tracks;
  std::vector<std::vector<int32_t>> of_genre;  // its tracks
};

struct WorldOptions {
  int64_t tracks = 3000;
  int64_t begin_s = 0, end_s = 0;  // of the log: three albums in ten come out in between
  uint64_t seed = 1;
};

World make_world(const WorldOptions& options);

/// What names a track in the tables beside the log: its MBID, else its artist and title.
std::string track_key(const World& world, const Track& track, const Spelling& spelling);

}  // namespace segue::simulation
