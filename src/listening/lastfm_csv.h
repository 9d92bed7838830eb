#pragma once

#include "listening/importer.h"

namespace segue {

/// Tables of scrobbles as the tools around Last.fm write them: columns found by their header, divided by comma, semicolon
/// or tab, quoted as in RFC 4180; or "artist,album,title,date" without a header. Times without a zone are in
/// Options::time_zone.
std::unique_ptr<Importer> make_lastfm_csv(const Importer::Options& options);

}  // namespace segue
