#include "text/byte_pairs.h"

#include <nlohmann/json.hpp>
#include <queue>

#include "core/error.h"
#include "text/unicode.h"

namespace segue {
namespace {

using Json = nlohmann::json;

uint64_t key_of(int32_t left, int32_t right) { return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right); }

/// "a b" or ["a", "b"].
std::pair<std::string, std::string> pair_of(const Json& merge, const std::string& where) {
  if (merge.is_array() && merge.size() == 2) return {merge[0].get<std::string>(), merge[1].get<std::string>()};
  const auto text = merge.get<std::string>();
  const auto space = text.find(' ');
  if (space == std::string::npos) throw Error("{}: a merge is '{}', and not two tokens", where, text);
  return {text.substr(0, space), text.substr(space + 1)};
}

void refuse(const Json& spec, const char* name, const std::string& where) {
  const auto found = spec.find(name);
  if (found == spec.end() || found->is_null() || *found == "" || *found == 0) return;
  throw Error("{}: its model has a {}, which is not supported", where, name);
}

/// A token of a word that is being merged, in a list from left to right.
struct Part {
  int32_t token;
  int32_t before, after;  // -1: none
};

struct Candidate {
  int32_t rank, at;  // the left part
  int32_t left, right, made;
  bool operator<(const Candidate& other) const { return rank != other.rank ? rank > other.rank : at > other.at; }  // the best on top
};

}  // namespace

BytePairs::BytePairs(const Json& spec, const std::string& where)
    : TokenModel(Vocabulary(spec.at("vocab"), where)),
      fuse_unknown_(spec.value("fuse_unk", false)),
      whole_words_first_(spec.value("ignore_merges", false)) {
  for (const char* name : {"continuing_subword_prefix", "end_of_word_suffix", "dropout"}) refuse(spec, name, where);
  int32_t rank = 0;
  for (const Json& merge : spec.at("merges")) {
    const auto [left, right] = pair_of(merge, where);
    const auto a = vocabulary().find(left), b = vocabulary().find(right), made = vocabulary().find(left + right);
    if (!a || !b || !made) throw Error("{}: the merge of '{}' and '{}' is of tokens that are not in the vocabulary", where, left, right);
    merges_.try_emplace(key_of(*a, *b), Merge{rank++, *made});
  }
  if (spec.contains("unk_token") && spec["unk_token"].is_string()) unknown_ = vocabulary().find(spec["unk_token"].get<std::string>());
  if (!spec.value("byte_fallback", false)) return;
  for (int b = 0; b < 256; ++b) {
    const auto token = vocabulary().find(fmt::format("<0x{:02X}>", b));
    if (!token) throw Error("{}: falls back on bytes, but has no token <0x{:02X}>", where, b);
    bytes_.push_back(*token);
  }
}

/// The characters of the word, those that are no token by their bytes, or as unknown.
void BytePairs::begin(std::string_view word, std::vector<int32_t>& into) const {
  bool after_unknown = false;
  for_each_character(word, [&](char32_t, std::string_view bytes) {
    const auto token = vocabulary().find(bytes);
    if (token) {
      into.push_back(*token);
    } else if (!bytes_.empty()) {
      for (const char b : bytes) into.push_back(bytes_[static_cast<uint8_t>(b)]);
    } else if (unknown_ && !(fuse_unknown_ && after_unknown)) {
      into.push_back(*unknown_);
    }
    after_unknown = !token && bytes_.empty();
  });
}

const BytePairs::Merge* BytePairs::merge_of(int32_t left, int32_t right) const {
  const auto found = merges_.find(key_of(left, right));
  return found == merges_.end() ? nullptr : &found->second;
}

void BytePairs::tokens_of(std::string_view word, std::vector<int32_t>& into) const {
  if (whole_words_first_) {
    if (const auto whole = vocabulary().find(word)) return into.push_back(*whole);
  }
  std::vector<int32_t> tokens;
  begin(word, tokens);
  std::vector<Part> parts;
  const auto count = static_cast<int32_t>(tokens.size());
  for (int32_t i = 0; i < count; ++i) parts.push_back({tokens[static_cast<size_t>(i)], i - 1, i + 1 < count ? i + 1 : -1});
  std::priority_queue<Candidate> candidates;
  const auto consider = [&](int32_t at) {
    if (at < 0 || parts[static_cast<size_t>(at)].after < 0) return;
    const int32_t left = parts[static_cast<size_t>(at)].token, right = parts[static_cast<size_t>(parts[static_cast<size_t>(at)].after)].token;
    if (const Merge* merge = merge_of(left, right)) candidates.push({merge->rank, at, left, right, merge->made});
  };
  for (int32_t i = 0; i + 1 < count; ++i) consider(i);
  for (; !candidates.empty();) {
    const Candidate best = candidates.top();
    candidates.pop();
    Part& part = parts[static_cast<size_t>(best.at)];
    if (part.token != best.left || part.after < 0 || parts[static_cast<size_t>(part.after)].token != best.right) continue;  // was merged meanwhile
    Part& next = parts[static_cast<size_t>(part.after)];
    part.token = best.made;
    part.after = next.after;
    next.token = -1;
    if (part.after >= 0) parts[static_cast<size_t>(part.after)].before = best.at;
    consider(part.before);
    consider(best.at);
  }
  for (int32_t i = count == 0 ? -1 : 0; i >= 0; i = parts[static_cast<size_t>(i)].after) into.push_back(parts[static_cast<size_t>(i)].token);
}

}  // namespace segue
