#pragma once

#include <array>

#include "text/token_model.h"

namespace segue {

/// The most probable of all ways to tell a word in tokens, each with a probability of its own (Kudo, 2018,
/// arXiv:1804.10959); characters that no token has are unknown, one token for a run of them, or told by their bytes.
class Unigram : public TokenModel {
 public:
  Unigram(const nlohmann::json& spec, const std::string& where);
  void tokens_of(std::string_view word, std::vector<int32_t>& into) const override;

 private:
  struct Known {
    std::string_view token;
    int32_t id;
  };
  struct Step {
    double score = 0;
    int32_t from = -1, id = -1;  // from: where it begins; -1: nothing ends here
  };

  void sort_tokens();
  template <class Visit>
  void for_each_token(std::string_view text, const Visit& visit) const;
  void append(std::string_view piece, std::vector<int32_t>& into) const;

  std::vector<double> scores_;          // logarithms of probabilities, by id
  std::vector<Known> sorted_;           // all tokens by their bytes
  std::array<size_t, 257> beginning_{}; // where those begin that begin with a byte
  std::vector<int32_t> bytes_;          // tokens of single bytes, or none
  int32_t unknown_ = -1;
  double unknown_score_ = 0;
};

}  // namespace segue
