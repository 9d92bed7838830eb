#pragma once

#include <cstdint>

#include "core/files.h"

namespace segue {

/// Writes a model of the sizes of another, with its tokenizer, whose weights nothing was ever learned into: drawn as checkpoints
/// begin (normal, deviation `initializer_range` of its config.json, .02 where that says nothing; norms 1, biases 0), stored in bf16. The
/// folder `from` needs no weights. What pretraining is worth is what a model does better than this one.
/// Returns how many numbers it has. Throws Error: no config.json, another architecture, a folder with something else in it.
int64_t write_random_model(const Path& from, const Path& into, uint64_t seed);

}  // namespace segue
