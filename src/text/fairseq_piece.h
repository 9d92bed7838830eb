#pragma once

#include "text/added_tokens.h"
#include "text/sentence_piece.h"

namespace segue {

/// A sentencepiece.bpe.model as XLM-R has it: <s> 0, <pad> 1, </s> 2 and <unk> 3 before all, the other pieces one further than
/// SentencePiece numbers them, <mask> behind all. These five are read as such where a text writes them.
class FairseqPiece : public Tokenizer {
 public:
  explicit FairseqPiece(const Path& file);
  std::vector<int32_t> encode(std::string_view text, bool frame) const override;
  std::string decode(std::span<const int32_t> ids) const override;
  int64_t size() const override { return pieces_.size() + 2; }
  std::optional<int32_t> id_of(std::string_view token) const override;

 private:
  Path file_;
  SentencePiece pieces_;
  std::optional<AddedTokens> added_;
};

}  // namespace segue
