#include "text/normalizer.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/registry.h"
#include "text/characters_map.h"
#include "text/pattern.h"
#include "text/unicode.h"

namespace segue {
namespace {

using Json = nlohmann::json;
using Make = Normalizer (*)(const Json& spec, const std::string& where);

template <NormalForm form>
Normalizer form_of(const Json&, const std::string&) {
  return [](std::string_view text) { return normalised(text, form); };
}

std::string without_accents(std::string_view text) {
  std::string kept;
  for_each_character(text, [&](char32_t point, std::string_view bytes) {
    if (!is_accent(point)) kept += bytes;
  });
  return kept;
}

/// Nothing unseen, one kind of space, and Chinese characters each a word.
std::string cleaned(std::string_view text, bool clean, bool part_ideographs) {
  std::string kept;
  for_each_character(text, [&](char32_t point, std::string_view bytes) {
    if (clean && is_space(point)) {
      kept += ' ';
    } else if (clean && (point == 0xfffd || is_other(point))) {
    } else if (part_ideographs && is_ideograph(point)) {
      kept.append(" ").append(bytes).append(" ");
    } else {
      kept += bytes;
    }
  });
  return kept;
}

bool flag(const Json& spec, const char* name, bool otherwise) {
  const auto found = spec.find(name);
  return found == spec.end() || found->is_null() ? otherwise : found->get<bool>();
}

Normalizer bert(const Json& spec, const std::string&) {
  const bool clean = flag(spec, "clean_text", true), part = flag(spec, "handle_chinese_chars", true), lower = flag(spec, "lowercase", true);
  const bool strip = flag(spec, "strip_accents", lower);
  return [=](std::string_view text) {
    std::string made = cleaned(text, clean, part);
    if (strip) made = without_accents(normalised(made, NormalForm::nfd));
    return lower ? lower_case(made) : made;
  };
}

Normalizer replace(const Json& spec, const std::string& where) {
  const Pattern pattern = pattern_of(spec.at("pattern"), where);
  return [pattern, by = spec.at("content").get<std::string>()](std::string_view text) {
    std::string made;
    size_t at = 0;
    for (const auto& [begin, end] : pattern.matches(text)) {
      made.append(text.substr(at, begin - at)).append(by);
      at = end;
    }
    return made.append(text.substr(at));
  };
}

Normalizer prepend(const Json& spec, const std::string&) {
  return [what = spec.at("prepend").get<std::string>()](std::string_view text) { return text.empty() ? std::string() : what + std::string(text); };
}

Normalizer precompiled(const Json& spec, const std::string& where) {
  const auto given = spec.find("precompiled_charsmap");
  if (given == spec.end() || given->is_null() || *given == "") return [](std::string_view text) { return std::string(text); };
  const auto map = std::make_shared<const CharactersMap>(from_base64(given->get<std::string>(), where), where);
  return [map](std::string_view text) { return map->normalised(text); };
}

Normalizer strip(const Json& spec, const std::string&) {
  return [left = flag(spec, "strip_left", true), right = flag(spec, "strip_right", true)](std::string_view text) {
    size_t begin = text.size(), end = 0, at = 0;  // of what is no white space
    for_each_character(text, [&](char32_t point, std::string_view bytes) {
      if (!is_space(point)) begin = std::min(begin, at), end = at + bytes.size();
      at += bytes.size();
    });
    if (begin == text.size()) return std::string(left || right ? std::string_view() : text);
    return std::string(text.substr(left ? begin : 0, (right ? end : text.size()) - (left ? begin : 0)));
  };
}

Normalizer sequence(const Json& spec, const std::string& where) {
  std::vector<Normalizer> steps;
  for (const Json& one : spec.at("normalizers")) steps.push_back(normalizer_of(one, where));
  return [steps](std::string_view text) {
    std::string made(text);
    for (const auto& step : steps) made = step(made);
    return made;
  };
}

const Registry<Make>& makers() {
  static const Registry<Make> table{
      "normalizer",
      {
          {"BertNormalizer", bert},
          {"Lowercase", [](const Json&, const std::string&) -> Normalizer { return lower_case; }},
          {"NFC", form_of<NormalForm::nfc>},
          {"NFD", form_of<NormalForm::nfd>},
          {"NFKC", form_of<NormalForm::nfkc>},
          {"NFKD", form_of<NormalForm::nfkd>},
          {"Precompiled", precompiled},
          {"Prepend", prepend},
          {"Replace", replace},
          {"Sequence", sequence},
          {"Strip", strip},
          {"StripAccents", [](const Json&, const std::string&) -> Normalizer { return without_accents; }},
      },
  };
  return table;
}

}  // namespace

Normalizer normalizer_of(const Json& spec, const std::string& where) {
  if (spec.is_null()) return [](std::string_view text) { return std::string(text); };
  return makers().at(spec.at("type").get<std::string>())(spec, where);
}

}  // namespace segue
