#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace segue {

/// Tokens beside those of the model, such as <|im_end|>: where they are written in a text they are found before all else.
class AddedTokens {
 public:
  struct Token {
    std::string content;
    int32_t id = 0;
    bool normalised = false;             // looked for in the normalised text, not in the text as it came
    bool word = false;                   // only where no letter, digit or _ stands beside it
    bool takes_left = false, takes_right = false;  // the white space beside it belongs to it
  };
  struct Piece {
    std::string_view text;
    const Token* token = nullptr;  // null: text between
  };

  /// The `added_tokens` of a tokenizer.json.
  explicit AddedTokens(const nlohmann::json& list);
  const std::vector<Token>& all() const { return tokens_; }

  /// The text in pieces; of tokens that begin at one place the longest is taken.
  std::vector<Piece> split(std::string_view text, bool normalised) const;

 private:
  const Token* at(std::string_view text, size_t place, bool normalised) const;

  std::vector<Token> tokens_;                                // the longest first
  std::unordered_map<char, std::vector<size_t>> beginning_;  // places in tokens_ by first byte, in their order
};

}  // namespace segue
