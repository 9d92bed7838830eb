#pragma once

#include "core/files.h"

namespace segue {

/// Writes `into`/README.md, a model card as Hugging Face's tools read it: what the model is, protocol, data hash, seed,
/// metrics with intervals, how to use it, limits. No name of a listener or a track stands in it.
/// run: has the config.yaml. into: has metrics.json, and evaluation.json once the run was asked; usually the run's folder.
void write_model_card(const Path& run, const Path& into);

}  // namespace segue
