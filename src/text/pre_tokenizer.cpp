#include "text/pre_tokenizer.h"

#include <array>
#include <nlohmann/json.hpp>

#include "core/registry.h"
#include "text/pattern.h"
#include "text/unicode.h"

namespace segue {
namespace {

using Json = nlohmann::json;
using Make = PreTokenizer (*)(const Json& spec, const std::string& where);
using Words = std::vector<std::string>;

constexpr const char* gpt_2 = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

/// The character of each byte: itself where it can be seen, else the next one from 256 on.
const std::array<char32_t, 256>& alphabet() {
  static const auto table = [] {
    std::array<char32_t, 256> made{};
    char32_t next = 256;
    for (char32_t b = 0; b < 256; ++b) made[b] = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174 ? b : next++;
    return made;
  }();
  return table;
}

/// What becomes of the pieces that match and of those between them.
enum class Behaviour { isolated, removed, merged_with_previous, merged_with_next, contiguous };

Behaviour behaviour_of(const std::string& name) {
  static const Registry<Behaviour> table{"behavior",
                                         {{"Isolated", Behaviour::isolated},
                                          {"Removed", Behaviour::removed},
                                          {"MergedWithPrevious", Behaviour::merged_with_previous},
                                          {"MergedWithNext", Behaviour::merged_with_next},
                                          {"Contiguous", Behaviour::contiguous}}};
  return table.at(name);
}

struct Piece {
  std::string_view text;
  bool match;
};

std::vector<Piece> pieces_of(const Pattern& pattern, std::string_view text, bool invert) {
  std::vector<Piece> pieces;
  size_t at = 0;
  for (const auto& [begin, end] : pattern.matches(text)) {
    if (begin > at) pieces.push_back({text.substr(at, begin - at), invert});
    pieces.push_back({text.substr(begin, end - begin), !invert});
    at = end;
  }
  if (at < text.size()) pieces.push_back({text.substr(at), invert});
  return pieces;
}

Words cut(const std::vector<Piece>& pieces, Behaviour behaviour) {
  Words words;
  bool joins = false;  // the next piece goes to the last word
  for (size_t i = 0; i < pieces.size(); ++i) {
    const auto& [text, match] = pieces[i];
    if (match && behaviour == Behaviour::removed) continue;
    const bool same = behaviour == Behaviour::contiguous && i > 0 && pieces[i - 1].match == match;
    const bool back = behaviour == Behaviour::merged_with_previous && match && i > 0 && !pieces[i - 1].match;
    if ((joins || same || back) && !words.empty()) words.back() += text;
    else words.emplace_back(text);
    joins = behaviour == Behaviour::merged_with_next && match && i + 1 < pieces.size() && !pieces[i + 1].match;
  }
  return words;
}

PreTokenizer split(const Json& spec, const std::string& where) {
  const Pattern pattern = pattern_of(spec.at("pattern"), where);
  const auto behaviour = behaviour_of(spec.at("behavior").get<std::string>());
  return [pattern, behaviour, invert = spec.value("invert", false)](std::string_view text, bool) { return cut(pieces_of(pattern, text, invert), behaviour); };
}

PreTokenizer byte_level(const Json& spec, const std::string& where) {
  const Pattern pattern(gpt_2, where);
  return [pattern, prefix = spec.value("add_prefix_space", true), regex = spec.value("use_regex", true)](std::string_view text, bool) {
    std::string whole(text);
    if (prefix && !whole.empty() && whole.front() != ' ') whole.insert(whole.begin(), ' ');
    Words words = regex ? cut(pieces_of(pattern, whole, false), Behaviour::isolated) : Words{whole};
    for (auto& word : words) word = bytes_shown(word);
    return words;
  };
}

/// What stands between white space; a character of which `alone` says so is a word by itself.
template <class Alone>
Words between_spaces(std::string_view text, const Alone& alone) {
  Words words;
  bool inside = false;
  for_each_character(text, [&](char32_t point, std::string_view bytes) {
    if (is_space(point)) return void(inside = false);
    const bool single = alone(point);
    if (inside && !single) words.back() += bytes;
    else words.emplace_back(bytes);
    inside = !single;
  });
  return words;
}

Words bert(std::string_view text, bool) { return between_spaces(text, is_punctuation); }

Words white_space_split(std::string_view text, bool) {
  return between_spaces(text, [](char32_t) { return false; });
}

/// Spaces become a mark, and words begin with it.
PreTokenizer metaspace(const Json& spec, const std::string&) {
  const auto mark = spec.value("replacement", std::string("▁"));
  const auto scheme = spec.value("prepend_scheme", std::string(spec.value("add_prefix_space", true) ? "always" : "never"));
  return [mark, scheme, at_mark = Pattern::literal(mark), parts = spec.value("split", true)](std::string_view text, bool opens) {
    std::string whole;
    for (const char c : text) c == ' ' ? whole += mark : whole += c;
    const bool wanted = scheme == "always" || (scheme == "first" && opens);
    if (wanted && !whole.starts_with(mark)) whole.insert(0, mark);
    if (!parts) return Words{whole};
    return cut(pieces_of(at_mark, whole, false), Behaviour::merged_with_next);
  };
}

PreTokenizer sequence(const Json& spec, const std::string& where) {
  std::vector<PreTokenizer> steps;
  for (const Json& one : spec.at("pretokenizers")) steps.push_back(pre_tokenizer_of(one, where));
  return [steps](std::string_view text, bool opens) {
    Words words{std::string(text)};
    for (const auto& step : steps) {
      Words next;
      for (size_t w = 0; w < words.size(); ++w) {
        for (auto& word : step(words[w], opens && w == 0)) next.push_back(std::move(word));
      }
      words = std::move(next);
    }
    return words;
  };
}

const Registry<Make>& makers() {
  static const Registry<Make> table{
      "pre_tokenizer",
      {
          {"BertPreTokenizer", [](const Json&, const std::string&) -> PreTokenizer { return bert; }},
          {"ByteLevel", byte_level},
          {"Metaspace", metaspace},
          {"Sequence", sequence},
          {"Split", split},
          {"WhitespaceSplit", [](const Json&, const std::string&) -> PreTokenizer { return white_space_split; }},
      },
  };
  return table;
}

}  // namespace

PreTokenizer pre_tokenizer_of(const Json& spec, const std::string& where) {
  if (spec.is_null()) return [](std::string_view text, bool) { return Words{std::string(text)}; };
  return makers().at(spec.at("type").get<std::string>())(spec, where);
}

std::string bytes_shown(std::string_view bytes) {
  std::string shown;
  for (const char c : bytes) append_utf8(shown, alphabet()[static_cast<uint8_t>(c)]);
  return shown;
}

std::string bytes_behind(std::string_view token) {
  std::string bytes;
  bool all = true;
  for_each_character(token, [&](char32_t point, std::string_view) {
    const auto at = std::find(alphabet().begin(), alphabet().end(), point);
    all = all && at != alphabet().end();
    if (all) bytes += static_cast<char>(at - alphabet().begin());
  });
  return all ? bytes : std::string(token);
}

}  // namespace segue
