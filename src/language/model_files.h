#pragma once

#include <cstdint>
#include <string>

#include "core/files.h"

namespace segue {

// What all writers of a model's folder write alike.

/// The file of a layer, or, after the last, of all that belongs to none.
std::string part_file(int64_t part, int64_t layers);

/// Tokenizer, chat template and the like: all that is text but the config and the index of the weights.
void copy_words(const Path& from, const Path& into);

}  // namespace segue
