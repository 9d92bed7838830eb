#pragma once

#include "listening/importer.h"

namespace segue {

/// Spotify's account data (StreamingHistory*.json): an array of objects with endTime (UTC, to the minute), artistName,
/// trackName and msPlayed. A play starts msPlayed before its end; plays of 0 ms count. Files in the order of their numbers.
std::unique_ptr<Importer> make_spotify_account(const Importer::Options& options);

}  // namespace segue
