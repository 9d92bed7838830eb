#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/table.h"
#include "language/decoder.h"
#include "ranking/ranker.h"
#include "text/tokenizer.h"

namespace segue {

/// ln p of each text as what comes after a prefix, by a decoder; the sum over the text's tokens. The prefix is read once.
std::vector<double> log_likelihoods(const Decoder& decoder, const std::vector<int32_t>& prefix, std::span<const std::vector<int32_t>> texts);

/// Scores of candidates by what a language model thinks of their words.
struct Likelihoods {
  std::vector<Asked> asked;                       // [Q]
  std::vector<std::vector<int32_t>> candidates;   // [Q] of each
  std::vector<std::vector<double>> with_history;  // [Q] ln p of each candidate's words after the history in words
  std::vector<std::vector<double>> without;       // [Q] ln p of the same words after no history
};

struct LikelihoodOptions {
  int64_t history = 10;  // last plays that are told, oldest first
};

/// Throws Error where a history and a candidate are longer than the model knows positions.
Likelihoods likelihoods(const Decoder& decoder, const Tokenizer& tokenizer, const Log& log, const Texts& artist, const Texts& title,
                        const std::vector<Asked>& asked, const std::vector<std::vector<int32_t>>& candidates, const LikelihoodOptions& options);

/// Ranks candidates by ln p, or by how much the history raises it (`lift`).
class LikelihoodRanker : public Ranker {
 public:
  LikelihoodRanker(std::shared_ptr<const Likelihoods> known, bool lift);
  std::unique_ptr<Scorer> read(int32_t who) const override;

 private:
  std::shared_ptr<const Likelihoods> known_;
  bool lift_;
};

}  // namespace segue
