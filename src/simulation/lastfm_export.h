#pragma once

#include <span>
#include <string>

#include "simulation/walk.h"

namespace segue::simulation {

/// LastFM-1K (Celma, 2010): user, start, artist MBID, artist, track MBID, title; tabs, no header, newest play first.
std::string lastfm_log(const World& world, const std::string& listener, std::span<const Play> plays);

/// What ghan.nl's exporter makes of a Last.fm account: CSV with a header, all quoted, newest first.
std::string lastfm_csv(const World& world, std::span<const Play> plays);

}  // namespace segue::simulation
