#pragma once

#include "listening/importer.h"

namespace segue {

/// The log of LastFM-1K: user TAB time TAB artist MBID TAB artist TAB track MBID TAB track, no header, no quoting,
/// newest first. Rules R1 and R2: a line with other than six fields is malformed; the time is exactly
/// YYYY-MM-DDTHH:MM:SS with an optional final Z, UTC. An empty line is no line.
std::unique_ptr<Importer> make_lastfm_1k(const Importer::Options& options);

}  // namespace segue
