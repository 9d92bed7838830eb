#include "text/unigram.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "text/unicode.h"

namespace segue {
namespace {

using Json = nlohmann::json;

constexpr double less_for_unknown = 10;  // than the least probable token

std::vector<std::string> tokens_in(const Json& list, const std::string& where) {
  if (!list.is_array() || list.empty()) throw Error("{}: its vocabulary is no list of tokens", where);
  std::vector<std::string> tokens;
  for (const Json& one : list) tokens.push_back(one.at(0).get<std::string>());
  return tokens;
}

}  // namespace

Unigram::Unigram(const Json& spec, const std::string& where) : TokenModel(Vocabulary(tokens_in(spec.at("vocab"), where))) {
  for (const Json& one : spec["vocab"]) {
    scores_.push_back(one.at(1).get<double>());
    if (!std::isfinite(scores_.back())) throw Error("{}: token '{}' has no probability", where, one.at(0).get<std::string>());
  }
  unknown_score_ = *std::min_element(scores_.begin(), scores_.end()) - less_for_unknown;
  const auto unknown = spec.find("unk_id");
  if (unknown == spec.end() || unknown->is_null()) throw Error("{}: its model names no token for what is unknown (unk_id)", where);
  const auto id = unknown->get<int64_t>();
  if (id < 0 || id >= vocabulary().size()) throw Error("{}: its unknown token {} is not in the vocabulary", where, id);
  unknown_ = static_cast<int32_t>(id);
  sort_tokens();
  if (!spec.value("byte_fallback", false)) return;
  for (int b = 0; b < 256; ++b) {
    const auto token = vocabulary().find(fmt::format("<0x{:02X}>", b));
    if (!token) throw Error("{}: falls back on bytes, but has no token <0x{:02X}>", where, b);
    bytes_.push_back(*token);
  }
}

void Unigram::sort_tokens() {
  for (int32_t i = 0; i < vocabulary().size(); ++i) {
    const auto token = vocabulary().token(i);
    if (!token.empty() && vocabulary().find(token) == i) sorted_.push_back({token, i});
  }
  std::sort(sorted_.begin(), sorted_.end(), [](const Known& a, const Known& b) { return a.token < b.token; });
  for (size_t b = 0; b < 256; ++b) {
    const std::string first(1, static_cast<char>(b));
    const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), first, [](const Known& a, const std::string& b) { return a.token < b; });
    beginning_[b] = static_cast<size_t>(at - sorted_.begin());
  }
  beginning_[256] = sorted_.size();
}

/// Calls visit for every token that the text begins with, the shortest first.
template <class Visit>
void Unigram::for_each_token(std::string_view text, const Visit& visit) const {
  const auto first = static_cast<uint8_t>(text[0]);
  auto from = sorted_.begin() + static_cast<std::ptrdiff_t>(beginning_[first]), to = sorted_.begin() + static_cast<std::ptrdiff_t>(beginning_[first + 1]);
  for (size_t length = 1; from != to; ++length) {
    if (from->token.size() == length) visit(*from++);
    if (length == text.size()) return;
    const auto byte = static_cast<uint8_t>(text[length]);
    from = std::partition_point(from, to, [&](const Known& one) { return static_cast<uint8_t>(one.token[length]) < byte; });
    to = std::partition_point(from, to, [&](const Known& one) { return static_cast<uint8_t>(one.token[length]) == byte; });
  }
}

void Unigram::append(std::string_view piece, std::vector<int32_t>& into) const {
  if (const auto known = vocabulary().find(piece)) return into.push_back(*known);
  if (bytes_.empty()) return into.push_back(unknown_);
  for (const char b : piece) into.push_back(bytes_[static_cast<uint8_t>(b)]);
}

void Unigram::tokens_of(std::string_view word, std::vector<int32_t>& into) const {
  std::vector<Step> ending(word.size() + 1);  // the best way to each place
  const auto reach = [&](size_t place, double score, size_t from, int32_t id) {
    Step& step = ending[place];
    if (step.from < 0 || score > step.score) step = {score, static_cast<int32_t>(from), id};
  };
  char32_t point = 0;
  for (size_t at = 0, length = 0; at < word.size(); at += length) {
    length = decode_utf8(word, at, point);
    const double score = ending[at].score;
    bool single = false;
    for_each_token(word.substr(at), [&](const Known& one) {
      reach(at + one.token.size(), score + scores_[static_cast<size_t>(one.id)], at, one.id);
      single = single || one.token.size() == length;
    });
    if (!single) reach(at + length, score + unknown_score_, at, unknown_);
  }
  std::vector<std::string_view> pieces;  // from the end; unknown ones in a row are one
  bool after_unknown = false;
  for (size_t end = word.size(); end > 0;) {
    const auto [score, from, id] = ending[end];
    const auto begin = static_cast<size_t>(from);
    if (id == unknown_ && after_unknown) pieces.back() = word.substr(begin, end - begin + pieces.back().size());
    else pieces.push_back(word.substr(begin, end - begin));
    after_unknown = id == unknown_;
    end = begin;
  }
  for (auto piece = pieces.rbegin(); piece != pieces.rend(); ++piece) append(*piece, into);
}

}  // namespace segue
