#include "text/added_tokens.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "text/unicode.h"

namespace segue {
namespace {

/// A letter, digit or _, by its last or first byte: bytes beyond ASCII count as letters.
bool is_word(char c) { return (static_cast<unsigned char>(c) & 0x80) != 0 || std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

size_t space_after(std::string_view text, size_t at) {
  char32_t point = 0;
  while (at < text.size()) {
    const size_t length = decode_utf8(text, at, point);
    if (!is_space(point)) break;
    at += length;
  }
  return at;
}

/// Where the white space begins that ends at `at`, not before `from`.
size_t space_before(std::string_view text, size_t from, size_t at) {
  while (at > from) {
    size_t begin = at - 1;
    while (begin > from && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80) --begin;
    char32_t point = 0;
    decode_utf8(text, begin, point);
    if (!is_space(point)) break;
    at = begin;
  }
  return at;
}

}  // namespace

AddedTokens::AddedTokens(const nlohmann::json& list) {
  for (const auto& one : list) {
    const auto flag = [&](const char* name) { return one.value(name, false); };
    Token token{one.at("content"), one.at("id"), flag("normalized"), flag("single_word"), flag("lstrip"), flag("rstrip")};
    if (!token.content.empty()) tokens_.push_back(std::move(token));
  }
  std::stable_sort(tokens_.begin(), tokens_.end(), [](const Token& a, const Token& b) { return a.content.size() > b.content.size(); });
  for (size_t t = 0; t < tokens_.size(); ++t) beginning_[tokens_[t].content.front()].push_back(t);
}

const AddedTokens::Token* AddedTokens::at(std::string_view text, size_t place, bool normalised) const {
  const auto candidates = beginning_.find(text[place]);
  if (candidates == beginning_.end()) return nullptr;
  for (const size_t t : candidates->second) {
    const Token& token = tokens_[t];
    const size_t end = place + token.content.size();
    if (token.normalised != normalised || text.substr(place, token.content.size()) != token.content) continue;
    const bool beside = (place > 0 && is_word(text[place - 1])) || (end < text.size() && is_word(text[end]));
    if (!token.word || !beside) return &token;
  }
  return nullptr;
}

std::vector<AddedTokens::Piece> AddedTokens::split(std::string_view text, bool normalised) const {
  std::vector<Piece> pieces;
  size_t from = 0;
  for (size_t place = 0; place < text.size();) {
    const Token* token = at(text, place, normalised);
    if (token == nullptr) {
      ++place;
      continue;
    }
    const size_t begin = token->takes_left ? space_before(text, from, place) : place;
    if (begin > from) pieces.push_back({text.substr(from, begin - from)});
    pieces.push_back({token->content, token});
    from = place + token->content.size();
    if (token->takes_right) from = space_after(text, from);
    place = from;
  }
  if (from < text.size()) pieces.push_back({text.substr(from)});
  return pieces;
}

}  // namespace segue
