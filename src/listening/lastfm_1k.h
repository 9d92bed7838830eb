#pragma once

#include "listening/importer.h"

namespace segue {

/// The LastFM-1K log: six fields divided by tabs without quoting or header: listener, YYYY-MM-DDTHH:MM:SSZ, the artist's
/// MusicBrainz id, the artist, the track's MusicBrainz id, the track. Recognised where at least half of the first lines
/// have six fields of which the second is such a time.
std::unique_ptr<Importer> make_lastfm_1k(const Importer::Options& options);

}  // namespace segue
