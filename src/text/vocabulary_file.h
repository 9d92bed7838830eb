#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/files.h"

namespace segue {

/// What a tokenizer.json would say of a folder of BERT or MPNet that has only a vocab.txt, a token a line; whether letters are
/// made small stands in tokenizer_config.json, and is so where that says nothing. Throws Error where the tokens for the
/// beginning and end of a text, or for what is unknown, are missing.
nlohmann::json tokenizer_of_vocabulary(const Path& folder);

}  // namespace segue
