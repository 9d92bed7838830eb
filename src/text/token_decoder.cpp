#include "text/token_decoder.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/registry.h"
#include "text/pattern.h"
#include "text/pre_tokenizer.h"
#include "text/unicode.h"

namespace segue {
namespace {

using Json = nlohmann::json;
using Tokens = std::vector<std::string>;
using Make = TokenDecoder (*)(const Json& spec, const std::string& where);

std::string joined(const Tokens& tokens) {
  std::string whole;
  for (const auto& token : tokens) whole += token;
  return whole;
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  std::string made;
  size_t from = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, from)) {
    made.append(text, from, at - from).append(by);
    from = at + what.size();
  }
  text = made.append(text, from);
}

Tokens byte_level(Tokens tokens) {
  std::string bytes;
  for (const auto& token : tokens) bytes += bytes_behind(token);
  return {as_utf8(bytes)};
}

TokenDecoder word_piece(const Json& spec, const std::string&) {
  return [inside = spec.value("prefix", std::string("##")), tidy = spec.value("cleanup", true)](Tokens tokens) {
    for (size_t i = 0; i < tokens.size(); ++i) {
      auto& token = tokens[i];
      if (i > 0 && token.starts_with(inside)) {
        token.erase(0, inside.size());
      } else if (i > 0) {
        token.insert(token.begin(), ' ');
      }
      if (!tidy) continue;
      for (const auto& [what, by] : std::initializer_list<std::pair<const char*, const char*>>{
               {" .", "."}, {" ?", "?"}, {" !", "!"}, {" ,", ","}, {" ' ", "'"}, {" n't", "n't"}, {" 'm", "'m"}, {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}}) {
        replace_all(token, what, by);
      }
    }
    return tokens;
  };
}

/// The byte that <0xC3> stands for.
std::optional<char> byte_of(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token.back() != '>') return {};
  uint8_t byte = 0;
  const auto [end, error] = std::from_chars(token.data() + 3, token.data() + 5, byte, 16);
  return error == std::errc() && end == token.data() + 5 ? std::optional(static_cast<char>(byte)) : std::nullopt;
}

/// A run of bytes becomes its text; if it is none, as many U+FFFD as it has bytes.
Tokens byte_fallback(Tokens tokens) {
  Tokens made;
  std::string bytes;
  const auto flush = [&] {
    if (bytes.empty()) return;
    if (as_utf8(bytes) == bytes) {
      made.push_back(bytes);
    } else {
      made.insert(made.end(), bytes.size(), "\xef\xbf\xbd");
    }
    bytes.clear();
  };
  for (auto& token : tokens) {
    if (const auto byte = byte_of(token)) {
      bytes += *byte;
    } else {
      flush();
      made.push_back(std::move(token));
    }
  }
  flush();
  return made;
}

TokenDecoder replace(const Json& spec, const std::string& where) {
  const Json& of = spec.at("pattern");
  if (!of.contains("String") || of["String"] == "") throw Error("{}: a decoder that replaces by a regular expression is not supported", where);
  return [what = of["String"].get<std::string>(), by = spec.at("content").get<std::string>()](Tokens tokens) {
    for (auto& token : tokens) replace_all(token, what, by);
    return tokens;
  };
}

TokenDecoder strip(const Json& spec, const std::string&) {
  return [what = spec.at("content").get<std::string>(), start = spec.value("start", 0), stop = spec.value("stop", 0)](Tokens tokens) {
    for (auto& token : tokens) {
      for (int i = 0; i < start && !what.empty() && token.starts_with(what); ++i) token.erase(0, what.size());
      for (int i = 0; i < stop && !what.empty() && token.ends_with(what); ++i) token.resize(token.size() - what.size());
    }
    return tokens;
  };
}

TokenDecoder metaspace(const Json& spec, const std::string&) {
  const auto mark = spec.value("replacement", std::string("▁"));
  const bool prefix = spec.value("prepend_scheme", std::string(spec.value("add_prefix_space", true) ? "always" : "never")) != "never";
  return [mark, prefix](Tokens tokens) {
    for (size_t i = 0; i < tokens.size(); ++i) {
      replace_all(tokens[i], mark, " ");
      if (i == 0 && prefix && tokens[i].starts_with(' ')) tokens[i].erase(0, 1);
    }
    return tokens;
  };
}

TokenDecoder sequence(const Json& spec, const std::string& where) {
  std::vector<TokenDecoder> steps;
  for (const Json& one : spec.at("decoders")) steps.push_back(token_decoder_of(one, where));
  return [steps](Tokens tokens) {
    for (const auto& step : steps) tokens = step(std::move(tokens));
    return tokens;
  };
}

const Registry<Make>& makers() {
  static const Registry<Make> table{
      "decoder of a tokenizer",
      {
          {"ByteFallback", [](const Json&, const std::string&) -> TokenDecoder { return byte_fallback; }},
          {"ByteLevel", [](const Json&, const std::string&) -> TokenDecoder { return byte_level; }},
          {"Fuse", [](const Json&, const std::string&) -> TokenDecoder { return [](Tokens tokens) { return Tokens{joined(tokens)}; }; }},
          {"Metaspace", metaspace},
          {"Replace", replace},
          {"Sequence", sequence},
          {"Strip", strip},
          {"WordPiece", word_piece},
      },
  };
  return table;
}

}  // namespace

TokenDecoder token_decoder_of(const Json& spec, const std::string& where) {
  if (!spec.is_null()) return makers().at(spec.at("type").get<std::string>())(spec, where);
  return [](Tokens tokens) {
    for (size_t i = 1; i < tokens.size(); ++i) tokens[i].insert(tokens[i].begin(), ' ');
    return tokens;
  };
}

}  // namespace segue
