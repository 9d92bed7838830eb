#pragma once

#include "text/tokenizer.h"

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace segue {

/// A tokenizer.model of SentencePiece, as LLaMA 2 has it. Special tokens in a text are letters to it.
class SentencePiece : public Tokenizer {
 public:
  explicit SentencePiece(const Path& file);
  ~SentencePiece() override;
  /// The frame is the token that begins a text, if there is one.
  std::vector<int32_t> encode(std::string_view text, bool frame) const override;
  std::string decode(std::span<const int32_t> ids) const override;
  int64_t size() const override;
  std::optional<int32_t> id_of(std::string_view token) const override;

 private:
  Path file_;
  std::unique_ptr<sentencepiece::SentencePieceProcessor> processor_;
};

}  // namespace segue
