#pragma once

#include "listening/importer.h"

namespace segue {

/// Spotify's extended streaming history (Streaming_History_Audio_*.json, or endsong_*.json of old): an array of objects
/// whose ts is the end of the play. Episodes and audiobooks are refused as "podcast".
std::unique_ptr<Importer> make_spotify_extended(const Importer::Options& options);

}  // namespace segue
