#include "text/token_model.h"

#include <nlohmann/json.hpp>

#include "core/registry.h"
#include "text/byte_pairs.h"
#include "text/unigram.h"
#include "text/word_piece.h"

namespace segue {
namespace {

using Json = nlohmann::json;
using Make = std::unique_ptr<TokenModel> (*)(const Json& spec, const std::string& where);

template <class Model>
std::unique_ptr<TokenModel> make(const Json& spec, const std::string& where) {
  return std::make_unique<Model>(spec, where);
}

constexpr int64_t most_tokens = 100'000'000;

}  // namespace

Vocabulary::Vocabulary(const Json& ids, const std::string& where) {
  if (!ids.is_object()) throw Error("{}: its vocabulary is no table of tokens", where);
  for (const auto& [token, id] : ids.items()) {
    const auto number = id.get<int64_t>();
    if (number < 0 || number >= most_tokens) throw Error("{}: token '{}' has the id {}", where, token, number);
    const auto at = static_cast<size_t>(number);
    if (at >= tokens_.size()) tokens_.resize(at + 1);
    if (!tokens_[at].empty()) throw Error("{}: tokens '{}' and '{}' both have the id {}", where, tokens_[at], token, number);
    tokens_[at] = token;
  }
  number();
}

Vocabulary::Vocabulary(std::vector<std::string> tokens) : tokens_(std::move(tokens)) { number(); }

void Vocabulary::number() {
  for (size_t id = 0; id < tokens_.size(); ++id) {
    if (!tokens_[id].empty()) ids_.insert_or_assign(tokens_[id], static_cast<int32_t>(id));
  }
}

std::optional<int32_t> Vocabulary::find(std::string_view token) const {
  const auto at = ids_.find(token);
  return at == ids_.end() ? std::nullopt : std::optional(at->second);
}

std::string_view Vocabulary::token(int32_t id) const {
  return id < 0 || id >= size() ? std::string_view() : std::string_view(tokens_[static_cast<size_t>(id)]);
}

std::unique_ptr<TokenModel> token_model_of(const Json& spec, const std::string& where) {
  static const Registry<Make> makers{"model of a tokenizer", {{"BPE", make<BytePairs>}, {"Unigram", make<Unigram>}, {"WordPiece", make<WordPiece>}}};
  return makers.at(spec.at("type").get<std::string>())(spec, where);
}

}  // namespace segue
