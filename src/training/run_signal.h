#pragma once

#include "signals/vector_table.h"

namespace segue {

/// Makes a signal of the ids that a run has learned: what listeners did with its tracks, for another model to read beside
/// sound and words, as the paper reads its encoders' tables. Of spellings that are one track in the data folder the first counts.
/// name: of the signal; it is made anew. Throws Error: no run, one of another data folder, one whose ids are a residual on content.
TableReport signal_of_run(const Path& data, const std::string& name, const Path& run);

}  // namespace segue
