#pragma once

#include <span>
#include <vector>

#include "simulation/walk.h"
#include "simulation/zip.h"

namespace segue::simulation {

/// Spotify's account data: the end of a play to the minute, at most `rows_per_file` plays a file.
std::vector<ZipEntry> spotify_account(const World& world, std::span<const Play> plays, size_t rows_per_file = 10000);

/// Spotify's extended history: ends to the second, reasons, album, and after some sessions a podcast (no track).
std::vector<ZipEntry> spotify_extended(const World& world, std::span<const Play> plays, Random podcasts);

}  // namespace segue::simulation
