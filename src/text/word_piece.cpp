#include "text/word_piece.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "text/unicode.h"

namespace segue {

WordPiece::WordPiece(const nlohmann::json& spec, const std::string& where)
    : TokenModel(Vocabulary(spec.at("vocab"), where)),
      inside_(spec.value("continuing_subword_prefix", std::string("##"))),
      most_characters_(spec.value("max_input_chars_per_word", int64_t{100})) {
  const auto name = spec.value("unk_token", std::string("[UNK]"));
  const auto unknown = vocabulary().find(name);
  if (!unknown) throw Error("{}: its unknown token '{}' is not in the vocabulary", where, name);
  unknown_ = *unknown;
}

void WordPiece::tokens_of(std::string_view word, std::vector<int32_t>& into) const {
  std::vector<size_t> ends;  // of the characters
  for_each_character(word, [&](char32_t, std::string_view bytes) { ends.push_back((ends.empty() ? 0 : ends.back()) + bytes.size()); });
  const size_t known = into.size();
  const auto give_up = [&] {
    into.resize(known);
    into.push_back(unknown_);
  };
  if (std::ssize(ends) > most_characters_) return give_up();
  for (size_t at = 0, first = 0; first < ends.size();) {
    std::optional<int32_t> token;
    size_t last = ends.size();
    for (; last > first && !token; --last) {
      const auto piece = word.substr(at, ends[last - 1] - at);
      token = at == 0 ? vocabulary().find(piece) : vocabulary().find(inside_ + std::string(piece));
    }
    if (!token) return give_up();
    into.push_back(*token);
    first = last + 1;
    at = ends[last];
  }
}

}  // namespace segue
