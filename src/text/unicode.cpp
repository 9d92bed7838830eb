#include "text/unicode.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace segue {
namespace {

utf8proc_category_t category_of(char32_t point) { return utf8proc_category(static_cast<utf8proc_int32_t>(point)); }

/// How many bytes from text[at] on belong together, and whether they are a character.
std::pair<size_t, bool> sequence_at(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return at + i < text.size() ? static_cast<uint8_t>(text[at + i]) : uint8_t{0}; };
  const uint8_t first = byte(0);
  if (first < 0x80) return {1, true};
  if (first < 0xc2 || first > 0xf4) return {1, false};
  const size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  // The second byte is bounded where a shorter form, a surrogate or too large a number would come of it.
  const uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80, high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < low || byte(1) > high) return {1, false};
  for (size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {i, false};
  }
  return {length, true};
}

}  // namespace

std::string as_utf8(std::string_view text) {
  std::string whole;
  whole.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const auto [length, good] = sequence_at(text, at);
    whole += good ? text.substr(at, length) : std::string_view("\xef\xbf\xbd");
    at += length;
  }
  return whole;
}

void append_utf8(std::string& text, char32_t point) {
  utf8proc_uint8_t bytes[4];
  const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(point), bytes);
  text.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(length));
}

std::string normalised(std::string_view text, NormalForm form) {
  const bool composed = form == NormalForm::nfc || form == NormalForm::nfkc, compatible = form == NormalForm::nfkc || form == NormalForm::nfkd;
  const auto options = UTF8PROC_STABLE | (composed ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE) | (compatible ? UTF8PROC_COMPAT : 0);
  utf8proc_uint8_t* made = nullptr;
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()), &made,
                                   static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(made, std::free);
  if (length < 0) throw std::invalid_argument(std::string("normalised: ") + utf8proc_errmsg(length));
  return {reinterpret_cast<const char*>(made), static_cast<size_t>(length)};
}

std::string lower_case(std::string_view text) {
  std::string lower;
  for_each_character(text, [&](char32_t point, std::string_view) {
    if (point == 0x130) {
      lower += "i\xcc\x87";
    } else {
      append_utf8(lower, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(point))));
    }
  });
  return lower;
}

size_t cluster_length(std::string_view text, size_t at) {
  char32_t point = 0, next = 0;
  utf8proc_int32_t state = 0;
  size_t length = decode_utf8(text, at, point);
  for (; at + length < text.size(); point = next) {
    const size_t more = decode_utf8(text, at + length, next);
    if (utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(point), static_cast<utf8proc_int32_t>(next), &state)) break;
    length += more;
  }
  return length;
}

bool is_space(char32_t point) {
  return (point >= 9 && point <= 13) || point == 32 || point == 0x85 || point == 0xa0 || point == 0x1680 || (point >= 0x2000 && point <= 0x200a) ||
         point == 0x2028 || point == 0x2029 || point == 0x202f || point == 0x205f || point == 0x3000;
}

bool is_punctuation(char32_t point) {
  if (point < 0x80) return (point >= 33 && point <= 47) || (point >= 58 && point <= 64) || (point >= 91 && point <= 96) || (point >= 123 && point <= 126);
  const auto category = category_of(point);
  return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO;
}

bool is_other(char32_t point) {
  const auto category = category_of(point);
  return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF || category == UTF8PROC_CATEGORY_CO;
}

bool is_accent(char32_t point) { return category_of(point) == UTF8PROC_CATEGORY_MN; }

bool is_ideograph(char32_t point) {
  return (point >= 0x4e00 && point <= 0x9fff) || (point >= 0x3400 && point <= 0x4dbf) || (point >= 0x20000 && point <= 0x2a6df) ||
         (point >= 0x2a700 && point <= 0x2b73f) || (point >= 0x2b740 && point <= 0x2b81f) || (point >= 0x2b920 && point <= 0x2ceaf) ||
         (point >= 0xf900 && point <= 0xfaff) || (point >= 0x2f800 && point <= 0x2fa1f);
}

}  // namespace segue
