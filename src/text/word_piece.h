#pragma once

#include "text/token_model.h"

namespace segue {

/// The longest token that a word begins with, then the longest that goes on from there (Wu et al., 2016,
/// arXiv:1609.08144); a word that can't be told so, or is too long, is one unknown token.
class WordPiece : public TokenModel {
 public:
  WordPiece(const nlohmann::json& spec, const std::string& where);
  void tokens_of(std::string_view word, std::vector<int32_t>& into) const override;

 private:
  int32_t unknown_;
  std::string inside_;      // what tokens begin with that don't begin a word
  int64_t most_characters_;
};

}  // namespace segue
