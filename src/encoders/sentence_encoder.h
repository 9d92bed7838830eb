#pragma once

#include <memory>

#include "encoders/sentence_modules.h"
#include "encoders/text_encoder.h"
#include "encoders/text_transformer.h"
#include "text/tokenizer.h"

namespace segue {

/// A folder of sentence-transformers (Reimers & Gurevych, 2019, arXiv:1908.10084), or a plain one of Hugging Face, with BERT
/// or its kin. Differs from sentence-transformers where a text is longer than the model reads at once: the rest is not cut off.
class SentenceEncoder : public TextEncoder {
 public:
  struct Options {
    int64_t length = 0;        // tokens that are read at once, frame included; 0: as the folder says
    int64_t overlap = 32;      // tokens, at least, that a chunk shares with the one before
    int64_t most_chunks = 64;  // of one text: of a longer one so many, evenly spaced; 0: all
    std::string storage = {};  // of the layers' matrices: f32, bf16, int8 (what they meet, too), nf4; empty: f32

    template <class V>
    void fields(V&& field) {
      field("length", length), field("overlap", overlap), field("most_chunks", most_chunks), field("storage", storage);
    }
  };
  /// Throws Error: weights, tokenizer or settings that are missing, damaged, not known or don't fit each other.
  SentenceEncoder(const Path& folder, const Options& options);

  int64_t width() const override;
  std::string space() const override { return space_; }
  /// Shared out over threads(). Throws Error where a vector is not finite.
  Tensor encode(std::span<const std::string> texts) const override;

  /// The same of texts in tokens without the frame: float [texts, width()].
  Tensor encode_tokens(std::span<const std::vector<int32_t>> texts) const;
  /// The tokens of a text without the frame.
  std::vector<int32_t> tokens_of(const std::string& text) const;

 private:
  using Tokens = std::vector<int32_t>;
  struct Chunk {
    size_t text;
    int64_t from, to;  // its tokens
  };

  void check_and_settle(const Path& folder);
  std::vector<Chunk> chunks_of(std::span<const Tokens> texts) const;
  std::vector<std::vector<Chunk>> packs_of(std::vector<Chunk> chunks) const;
  Tensor vectors_of(std::span<const Tokens> texts, std::span<const Chunk> chunks) const;

  Options options_;
  SentenceModules modules_;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::unique_ptr<TextTransformer> transformer_;
  Tokens before_, after_;  // the frame
  std::string space_;
};

}  // namespace segue
