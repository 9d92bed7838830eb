#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.h"

namespace segue {

/// Text to the numbers of its tokens and back, as the makers of a model cut it.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  /// Bytes that are no UTF-8 are read as U+FFFD. frame: with the tokens that the model expects around every text, such as
  /// one that begins it. Special tokens that are written out in the text are read as such, by a tokenizer.json.
  virtual std::vector<int32_t> encode(std::string_view text, bool frame) const = 0;
  /// Special tokens are written out; throws Error on a number that is no token's.
  virtual std::string decode(std::span<const int32_t> ids) const = 0;

  /// One more than the largest number.
  virtual int64_t size() const = 0;
  virtual std::optional<int32_t> id_of(std::string_view token) const = 0;
};

/// Of a folder in the layout of Hugging Face: its tokenizer.json, or else its tokenizer.model (SentencePiece), its
/// sentencepiece.bpe.model (XLM-R) or its vocab.txt (BERT). Throws Error: none is there, one is damaged, or has a part that is
/// not known.
std::unique_ptr<Tokenizer> open_tokenizer(const Path& folder);

}  // namespace segue
