#include "listening/names.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <vector>

namespace segue {
namespace {

using View = std::string_view;

bool is_ascii(View text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Decomposed, so that accents stand alone and can go; composed again by the caller's last step.
std::string folded_unicode(View text) {
  utf8proc_uint8_t* raw = nullptr;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                                                      UTF8PROC_IGNORE | UTF8PROC_STRIPCC);
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &raw, options);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(raw, &std::free);
  return size < 0 ? std::string(text) : std::string(reinterpret_cast<const char*>(raw), static_cast<size_t>(size));
}

View plain(utf8proc_int32_t c) {
  switch (c) {
    case 0x2018: case 0x2019: case 0x201a: case 0x201b: case 0x00b4: case 0x2032: return "'";
    case 0x201c: case 0x201d: case 0x201e: case 0x201f: case 0x2033: return "\"";
    case 0x2010: case 0x2011: case 0x2012: case 0x2013: case 0x2014: case 0x2015: case 0x2212: return "-";
    case '&': return " and ";
    default: return {};
  }
}

bool is_blank(utf8proc_int32_t c) {
  return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || utf8proc_category(c) == UTF8PROC_CATEGORY_ZS;
}

/// Blanks are put out late: so none comes at the ends and never two in a row.
struct Writer {
  std::string text;
  bool blank = false;
  void put(View bytes) {
    if (blank && !text.empty()) text += ' ';
    blank = false;
    text += bytes;
  }
  void put_or_blank(View bytes) {
    for (const char& c : bytes) {
      if (c == ' ') blank = true;
      else put(View(&c, 1));
    }
  }
};

std::string fold_ascii(View text) {
  Writer out;
  out.text.reserve(text.size());
  for (const char& c : text) {
    if (c == ' ' || (c >= 9 && c <= 13)) {
      out.blank = true;
    } else if (c == '&') {
      out.put_or_blank(" and ");
    } else if (c >= 'A' && c <= 'Z') {
      const char lower = static_cast<char>(c - 'A' + 'a');
      out.put(View(&lower, 1));
    } else {
      out.put(View(&c, 1));
    }
  }
  return out.text;
}

std::string fold_unicode(View text) {
  const std::string wide = folded_unicode(text);
  Writer out;
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(wide.data());
  for (size_t i = 0; i < wide.size();) {
    utf8proc_int32_t c = 0;
    const auto step = std::max<utf8proc_ssize_t>(1, utf8proc_iterate(at + i, static_cast<utf8proc_ssize_t>(wide.size() - i), &c));
    const View bytes(wide.data() + i, static_cast<size_t>(step));
    i += static_cast<size_t>(step);
    if (c >= 0x300 && c <= 0x36f) continue;  // the accent of the letter before
    if (is_blank(c)) out.blank = true;
    else if (const View other = plain(c); !other.empty()) out.put_or_blank(other);
    else out.put(bytes);
  }
  return out.text;
}

bool has_word(View text, View word) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; };
  for (size_t at = text.find(word); at != View::npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !letter(text[at - 1])) && (end == text.size() || !letter(text[end]))) return true;
  }
  return false;
}

/// A part of a mark that does not make another recording.
bool says_nothing_new(View part) {
  static constexpr std::array<View, 4> stay = {"live", "acoustic", "demo", "instrumental"};
  for (const View word : stay) {
    if (has_word(part, word)) return false;
  }
  static constexpr std::array<View, 12> go = {"remaster", "remastered", "remasterizado", "remastering", "feat", "ft", "featuring",
                                              "album version", "explicit", "explicit version", "bonus track", "digital remaster"};
  return std::any_of(go.begin(), go.end(), [&](View word) { return has_word(part, word); });
}

View trim(View text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// What stays of a mark, parts joined by one blank.
std::string cleaned_mark(View mark) {
  if (says_nothing_new(mark) && mark.find_first_of(";/,") == View::npos) return {};
  std::string kept;
  bool guests = false;  // "feat. A, B": what follows is still guests
  for (size_t at = 0; at <= mark.size();) {
    const size_t end = std::min(mark.find_first_of(";/,", at), mark.size());
    const View part = trim(mark.substr(at, end - at));
    guests = (guests && at > 0 && mark[at - 1] == ',') || has_word(part, "feat") || has_word(part, "ft") || has_word(part, "featuring");
    if (!part.empty() && !guests && !says_nothing_new(part)) {
      if (!kept.empty()) kept += ' ';
      kept += part;
    }
    at = end + 1;
  }
  return kept;
}

/// The last mark of a title: where it starts, and what stands in it.
bool find_mark(View title, size_t& start, View& inside) {
  if (title.empty()) return false;
  const char close = title.back();
  if (close == ')' || close == ']') {
    start = title.rfind(close == ')' ? '(' : '[');
    if (start == View::npos || start == 0) return false;
    inside = title.substr(start + 1, title.size() - start - 2);
    return true;
  }
  start = title.rfind(" - ");
  if (start == View::npos || start == 0) return false;
  inside = title.substr(start + 3);
  return true;
}

std::string without_marks(View title) {
  std::string tail;
  size_t start = 0;
  View inside;
  while (find_mark(title, start, inside)) {
    const std::string kept = cleaned_mark(trim(inside));
    if (!kept.empty()) tail = " (" + kept + ")" + tail;
    title = trim(title.substr(0, start));
  }
  return std::string(title) + tail;
}

/// Cuts from "feat.", "ft." or "featuring" on, where a name stands before it.
std::string without_guests(View name) {
  for (const View word : {View(" feat. "), View(" feat "), View(" ft. "), View(" ft "), View(" featuring ")}) {
    const size_t at = name.find(word);
    if (at != View::npos && at > 0) {
      const size_t mark = name.find(" (", at);  // (Live) after the guests stays
      return std::string(trim(name.substr(0, at))) + (mark == View::npos ? "" : std::string(name.substr(mark)));
    }
  }
  return std::string(name);
}

std::string without_punctuation(const std::string& name) {
  std::string out;
  for (const char c : name) {
    if (View(".,!?'\"`").find(c) == View::npos) out += c;
  }
  return trim(out).empty() ? name : std::string(trim(out));
}

}  // namespace

std::string fold(View text) { return is_ascii(text) ? fold_ascii(text) : fold_unicode(text); }

std::string title_key(View title) { return without_punctuation(without_guests(without_marks(fold(title)))); }

std::string name_key(View artist, View title) {
  std::string key = title_key(artist);
  key += '\t';
  key += title_key(title);
  return key;
}

}  // namespace segue
