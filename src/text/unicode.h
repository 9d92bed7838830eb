#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace segue {

/// The text with every byte that is no UTF-8 replaced: one U+FFFD for each sequence that broke off.
std::string as_utf8(std::string_view text);

void append_utf8(std::string& text, char32_t point);

enum class NormalForm { nfc, nfd, nfkc, nfkd };
/// Of valid UTF-8.
std::string normalised(std::string_view text, NormalForm form);

/// The lower case of each character by itself; U+0130 becomes two.
std::string lower_case(std::string_view text);

/// White_Space of Unicode.
bool is_space(char32_t point);
/// Punctuation of Unicode, or any ASCII symbol.
bool is_punctuation(char32_t point);
/// A control, format or private character.
bool is_other(char32_t point);
/// A mark without width of its own, such as an accent.
bool is_accent(char32_t point);
/// A Chinese character; Japanese and Korean scripts of their own are none.
bool is_ideograph(char32_t point);

/// Decodes the character that begins at text[at]; valid UTF-8 is assumed. Returns its length.
inline size_t decode_utf8(std::string_view text, size_t at, char32_t& point) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[at + i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return point = first, 1;
  if (first < 0xe0) return point = (first & 0x1fU) << 6 | (byte(1) & 0x3fU), 2;
  if (first < 0xf0) return point = (first & 0x0fU) << 12 | (byte(1) & 0x3fU) << 6 | (byte(2) & 0x3fU), 3;
  return point = (first & 0x07U) << 18 | (byte(1) & 0x3fU) << 12 | (byte(2) & 0x3fU) << 6 | (byte(3) & 0x3fU), 4;
}

/// Calls visit(code point, its bytes) for every character of valid UTF-8.
template <class Visit>
void for_each_character(std::string_view text, const Visit& visit) {
  char32_t point = 0;
  for (size_t at = 0, length = 0; at < text.size(); at += length) {
    length = decode_utf8(text, at, point);
    visit(point, text.substr(at, length));
  }
}

/// The bytes of what a reader takes for one character (extended grapheme clusters), from text[at] on.
size_t cluster_length(std::string_view text, size_t at);

/// Calls visit(its bytes) for every such cluster of valid UTF-8.
template <class Visit>
void for_each_cluster(std::string_view text, const Visit& visit) {
  for (size_t at = 0, length = 0; at < text.size(); at += length) {
    length = cluster_length(text, at);
    visit(text.substr(at, length));
  }
}

}  // namespace segue
