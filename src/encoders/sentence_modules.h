#pragma once

#include <cstdint>
#include <vector>

#include "core/files.h"
#include "encoders/text_pooling.h"
#include "layers/linear.h"

namespace segue {

/// A linear layer behind the pooling.
struct SentenceDense {
  FrozenLinear linear;
  bool tanh = true;
};

/// What a sentence-transformers folder says beside the weights of its transformer; a plain folder of Hugging Face is read as
/// the mean over its tokens.
struct SentenceModules {
  Path transformer;            // the folder of its weights and tokenizer
  TextPooling pooling;
  std::vector<SentenceDense> dense;  // in their order
  bool unit = false;           // vectors are made of length 1
  int64_t length = 1 << 30;    // tokens that are read at once, frame included, at most
  bool lower_case = false;
};

/// Throws Error: a module, a pooling or a setting that is not known, a file that is missing or
/// damaged.
SentenceModules read_sentence_modules(const Path& folder);

}  // namespace segue
