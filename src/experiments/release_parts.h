#pragma once

#include "experiments/release.h"

namespace segue {

// The parts of a release, written into a folder `stage` that becomes it; what was written is noted in `release`.

/// plays, tracks, spellings, listeners, lengths, corrections, sources: a data folder by itself.
void release_log(const Path& data, const Path& stage, Release& release);

/// Protocols, prepared anew from what release_log() wrote, so that nothing in them is made from names of listeners. Throws Error
/// where that is not, play for play and case for case, what the data folder has.
void release_protocols(const Path& data, const Path& stage, Release& release);

/// Vectors and genes of the tracks, without the reasons why a file could not be read: they name files.
void release_signals(const Path& data, const Path& stage, Release& release);

/// load.py: reads a release with pandas or Polars.
const char* loader_example();

/// README.md. Links to files that release.files has.
std::string card_of(const Release& release);

/// croissant.json of the files listed.
nlohmann::ordered_json croissant_of(const Release& release);

}  // namespace segue
