#pragma once

#include <memory>
#include <span>
#include <string>

#include "core/table.h"
#include "language/decoder.h"
#include "ranking/vector_ranker.h"
#include "text/tokenizer.h"

namespace segue {

/// "title by artist", as rankers by words write a track.
std::string words_of_track(const Texts& artist, const Texts& title, int32_t track);

/// The vectors of some texts, [n, H] row by row: the mean of the decoder's last states over their tokens. Texts of one
/// length are read together, so none is padded, and a vector does not depend on the other texts.
std::vector<float> text_vectors(const Decoder& decoder, const Tokenizer& tokenizer, std::span<const std::string> texts);

struct EmbeddingOptions {
  int64_t history = 10;  // last plays that are looked at
  double fade = 0.8;     // what a play counts, of the one after it
};

/// Tracks as what a language model makes of their words, less what it makes of all words, and of length 1; a question is
/// the sum of the vectors of its last plays. vectors: [N, H] of the tracks' words.
VectorModel embedding_model(std::vector<float> vectors, int64_t width, const Log& log, const EmbeddingOptions& options);

/// Ranks by such a model. The plays that are looked at do not come again: each would be nearest to itself.
class EmbeddingRanker : public Ranker {
 public:
  EmbeddingRanker(std::shared_ptr<const VectorModel> model, std::span<const Asked> asked, const EmbeddingOptions& options);
  std::unique_ptr<Scorer> read(int32_t who) const override;

 private:
  std::shared_ptr<const VectorModel> model_;
  PackedVectors vectors_;
  KnownStates states_;
  EmbeddingOptions options_;
};

}  // namespace segue
