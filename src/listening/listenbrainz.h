#pragma once

#include "listening/importer.h"

namespace segue {

/// A ListenBrainz export (listens/<year>/<month>.jsonl in a zip), or any file of listens, one per line or in an array.
/// The server's own match names the recording, else what the client sent along.
std::unique_ptr<Importer> make_listenbrainz(const Importer::Options& options);

}  // namespace segue
