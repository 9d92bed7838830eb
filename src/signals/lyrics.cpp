#include "signals/lyrics.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "core/console.h"
#include "core/error.h"

namespace segue {
namespace {

constexpr size_t largest = 4 << 20;

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// 1:02, 01:02.34, 01:02:34
bool is_stamp(std::string_view text) {
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0 || c == ':' || c == '.'; });
  return digits && std::isdigit(static_cast<unsigned char>(text.front())) != 0 && text.find(':') != std::string_view::npos;
}

/// "ar" of [ar:…]: a short word of letters, or #, before a colon.
std::string tag_of(std::string_view inside) {
  const size_t colon = inside.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > 8) return {};
  const auto name = inside.substr(0, colon);
  const bool word = std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalpha(c) != 0 || c == '#'; });
  return word ? lower(name) : std::string();
}

constexpr std::array sections = {"verse", "chorus", "pre-chorus", "prechorus", "post-chorus", "bridge", "intro", "outro", "refrain", "hook", "interlude",
                                 "instrumental break", "solo", "guitar solo", "break", "breakdown", "drop", "coda", "repeat", "end", "skit", "spoken", "part"};

/// "Chorus", "Verse 2", "chorus x2", "Verse 1: Somebody".
bool is_section(std::string_view text) {
  const std::string words = lower(trimmed(text));
  return std::any_of(sections.begin(), sections.end(), [&](std::string_view name) {
    if (!words.starts_with(name)) return false;
    const auto rest = trimmed(std::string_view(words).substr(name.size()));
    return rest.empty() || rest.front() == ':' || rest.front() == '-' || rest.front() == '(' || rest.front() == 'x' ||
           std::isdigit(static_cast<unsigned char>(rest.front())) != 0;
  });
}

/// "x2", "(2x)", "×3"
bool is_repeat(std::string_view text) {
  std::string bare;
  for (const char c : lower(trimmed(text))) {
    if (c != '(' && c != ')' && c != '[' && c != ']' && c != ' ') bare += c;
  }
  if (const auto at = bare.find("×"); at != std::string::npos) bare.replace(at, std::string_view("×").size(), "x");
  if (bare.size() < 2 || bare.size() > 3 || (bare.front() != 'x' && bare.back() != 'x')) return false;
  return std::count_if(bare.begin(), bare.end(), [](unsigned char c) { return std::isdigit(c) != 0; }) == static_cast<std::ptrdiff_t>(bare.size()) - 1;
}

bool says_instrumental(std::string_view text) {
  std::string words = lower(trimmed(text));
  std::erase_if(words, [](char c) { return c == '(' || c == ')' || c == '[' || c == ']' || c == '.' || c == '*' || c == '!'; });
  const auto bare = trimmed(words);
  return bare == "instrumental" || bare == "instrumental track" || bare == "this is an instrumental" || bare == "♪" || bare == "♫";
}

/// What is in brackets from `begin` on, and where it ends; nothing where no bracket closes.
std::optional<std::string_view> bracketed(std::string_view line, size_t begin, char close, size_t& end) {
  const size_t at = line.find(close, begin + 1);
  if (at == std::string_view::npos) return std::nullopt;
  end = at + 1;
  return line.substr(begin + 1, at - begin - 1);
}

/// A line without what is not sung; sets `instrumental` where a tag says so.
std::string sung(std::string_view line, bool& instrumental) {
  std::string out;
  for (size_t i = 0; i < line.size();) {
    const char c = line[i];
    size_t end = i + 1;
    if (c == '[' || c == '<' || c == '(') {
      const auto inside = bracketed(line, i, c == '[' ? ']' : c == '<' ? '>' : ')', end);
      const bool mark = inside && (is_stamp(*inside) || is_section(*inside) || is_repeat(*inside));
      const std::string tag = inside && c == '[' ? tag_of(*inside) : std::string();
      if (inside && c == '[' && says_instrumental(tag.empty() ? *inside : inside->substr(tag.size() + 1))) instrumental = true;
      if (mark || !tag.empty() || (inside && c == '[' && says_instrumental(*inside))) {
        i = end;
        continue;
      }
    }
    out += c;
    ++i;
  }
  const auto rest = trimmed(out);
  const bool heading = is_repeat(rest) || (rest.ends_with(':') && is_section(rest.substr(0, rest.size() - 1))) || (is_section(rest) && rest.size() < 12);
  return heading ? std::string() : std::string(rest);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find_first_of("\r\n");
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::string from_utf16(std::string_view bytes, bool little) {
  std::string out;
  const auto unit = [&](size_t i) {
    const auto a = static_cast<unsigned char>(bytes[i]), b = static_cast<unsigned char>(bytes[i + 1]);
    return static_cast<int32_t>(little ? a | b << 8 : a << 8 | b);
  };
  for (size_t i = 2; i + 1 < bytes.size(); i += 2) {
    int32_t point = unit(i);
    if (point >= 0xD800 && point < 0xDC00 && i + 3 < bytes.size()) {
      point = 0x10000 + ((point - 0xD800) << 10) + (unit(i + 2) - 0xDC00);
      i += 2;
    }
    utf8proc_uint8_t letter[4];
    const auto size = utf8proc_codepoint_valid(point) ? utf8proc_encode_char(point, letter) : 0;
    if (size > 0) out.append(reinterpret_cast<const char*>(letter), static_cast<size_t>(size));
    else out += "\uFFFD";
  }
  return out;
}

}  // namespace

std::optional<Lyrics> read_lyrics(std::string_view raw) {
  const std::string text = valid_utf8(raw);
  Lyrics lyrics;
  for (const auto line : lines_of(text)) {
    const std::string words = sung(line, lyrics.instrumental);
    if (words.empty()) continue;
    if (says_instrumental(words)) {
      lyrics.instrumental = true;
      continue;
    }
    if (!lyrics.text.empty()) lyrics.text += '\n';
    lyrics.text += words;
  }
  if (lyrics.text.empty() && !lyrics.instrumental) return std::nullopt;
  if (!lyrics.text.empty()) lyrics.instrumental = false;  // an instrumental part in a song
  return lyrics;
}

LyricsTags lyrics_tags(std::string_view raw) {
  LyricsTags tags;
  const std::string text = valid_utf8(raw);
  for (const auto whole : lines_of(text)) {
    const auto line = trimmed(whole);
    if (line.size() < 5 || line.front() != '[' || line.back() != ']') continue;
    const auto inside = line.substr(1, line.size() - 2);
    const std::string tag = tag_of(inside);
    if (tag == "ar") tags.artist = trimmed(inside.substr(3));
    if (tag == "ti") tags.title = trimmed(inside.substr(3));
  }
  return tags;
}

std::string read_lyrics_file(const Path& path) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  if (!failed && size > largest) throw Error("{}: {} bytes are no song's words; at most {} are read", path.string(), size, largest);
  std::string text = read_file(path);
  if (text.starts_with("\xFF\xFE")) return from_utf16(text, true);
  if (text.starts_with("\xFE\xFF")) return from_utf16(text, false);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return valid_utf8(text);
}

}  // namespace segue
