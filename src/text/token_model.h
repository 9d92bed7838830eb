#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace segue {

/// Tokens by number and numbers by token.
class Vocabulary {
 public:
  /// {token: id}; ids may leave gaps. Throws Error where two tokens have one id; `where` is the file.
  Vocabulary(const nlohmann::json& ids, const std::string& where);
  /// Tokens in the order of their numbers; of equal ones the last counts.
  explicit Vocabulary(std::vector<std::string> tokens);
  std::optional<int32_t> find(std::string_view token) const;
  /// Empty where there is none of this number.
  std::string_view token(int32_t id) const;
  int64_t size() const { return static_cast<int64_t>(tokens_.size()); }  // one more than the largest id

 private:
  void number();

  std::vector<std::string> tokens_;
  std::unordered_map<std::string_view, int32_t> ids_;  // of what tokens_ holds
};

/// Cuts words into tokens.
class TokenModel {
 public:
  virtual ~TokenModel() = default;
  virtual void tokens_of(std::string_view word, std::vector<int32_t>& into) const = 0;
  const Vocabulary& vocabulary() const { return vocabulary_; }

 protected:
  explicit TokenModel(Vocabulary vocabulary) : vocabulary_(std::move(vocabulary)) {}

 private:
  Vocabulary vocabulary_;
};

/// The `model` of a tokenizer.json: BPE, Unigram or WordPiece. Throws Error on another kind; `where` is the file.
std::unique_ptr<TokenModel> token_model_of(const nlohmann::json& spec, const std::string& where);

}  // namespace segue
