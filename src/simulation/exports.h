#pragma once

#include <span>
#include <string>
#include <vector>

#include "simulation/listeners.h"
#include "simulation/zip.h"

// One listener's plays, oldest first, in the formats in which services and archives hand them out.

namespace segue::simulation {

/// One play in words.
struct Written {
  const Artist& artist;
  const Album& album;
  const Track& track;
  const std::string& title;
  std::string mbid;  // of the track; empty where there is none or it was lost
  int64_t end_s;
};
Written written(const World& world, const Play& play);

/// LastFM-1K (Celma, 2010): user, start, artist MBID, artist, track MBID, title; tabs, no header, newest play first.
std::string lastfm_log(const World& world, const std::string& listener, std::span<const Play> plays);

/// What ghan.nl's exporter makes of a Last.fm account: CSV with a header, all quoted, newest first.
std::string lastfm_csv(const World& world, std::span<const Play> plays);

/// Spotify's account data: the end of a play to the minute, at most `rows_per_file` plays a file.
std::vector<ZipEntry> spotify_account(const World& world, std::span<const Play> plays, size_t rows_per_file = 10000);

/// Spotify's extended history: ends to the second, reasons, album, and after some sessions a podcast (no track).
std::vector<ZipEntry> spotify_extended(const World& world, std::span<const Play> plays, Random podcasts);

/// ListenBrainz: user.json and one file of listens a month.
std::vector<ZipEntry> listenbrainz(const World& world, const std::string& listener, std::span<const Play> plays);

}  // namespace segue::simulation
