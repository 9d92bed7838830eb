#include "core/console.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace segue {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

struct Symbol {
  char32_t point = 0;
  size_t length = 0;  // bytes; of an invalid sequence its maximal subpart (Unicode 15, 3.9), as Python and Rust cut it
  bool valid = true;
};

Symbol symbol_at(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(at);
  if (lead < 0x80) return {lead, 1, true};
  if (lead < 0xC2 || lead > 0xF4) return {0xFFFD, 1, false};
  const size_t more = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
  // Only the second byte is bounded further: overlong forms, surrogates, and what lies behind U+10FFFF.
  unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  char32_t point = lead & (0x3Fu >> more);
  for (size_t i = 1; i <= more; ++i) {
    if (at + i >= text.size() || byte(at + i) < low || byte(at + i) > high) return {0xFFFD, i, false};
    point = (point << 6) | (byte(at + i) & 0x3Fu);
    low = 0x80;
    high = 0xBF;
  }
  return {point, more + 1, true};
}

bool turns_direction(char32_t c) {
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

bool breaks_line(char32_t c) { return (c >= '\t' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029; }

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

size_t skip_while(std::string_view text, size_t at, char first, char last) {
  while (at < text.size() && text[at] >= first && text[at] <= last) ++at;
  return at;
}

/// Behind the string that starts at `at`; `at` itself where nothing ends it, so that it can't swallow a whole text.
size_t behind_string(std::string_view text, size_t at) {
  for (size_t i = at; i < text.size(); ++i) {
    if (text[i] == '\a') return i + 1;
    if (text.substr(i, 2) == "\x1b\\" || text.substr(i, 2) == "\xC2\x9C") return i + 2;
  }
  return at;
}

/// Behind the escape sequence (ECMA-48) whose introducer, `kind` for short, ended before `at`.
size_t behind_sequence(std::string_view text, size_t at, char kind) {
  if (kind == '[') {
    at = skip_while(text, skip_while(text, at, '0', '?'), ' ', '/');
    return at < text.size() && text[at] >= '@' && text[at] <= '~' ? at + 1 : at;
  }
  return std::string_view("]PX^_").find(kind) != std::string_view::npos ? behind_string(text, at) : at;
}

/// Behind the control character of `length` bytes at `at` and what it introduces.
size_t behind_control(std::string_view text, size_t at, const Symbol& symbol) {
  const size_t next = at + symbol.length;
  if (symbol.point >= 0x80) return behind_sequence(text, next, static_cast<char>(symbol.point - 0x40));  // U+009B is ESC [
  if (symbol.point != 0x1B || next >= text.size()) return next;
  if (std::string_view("[]PX^_").find(text[next]) != std::string_view::npos) return behind_sequence(text, next + 1, text[next]);
  const size_t last = skip_while(text, next, ' ', '/');
  return last < text.size() && text[last] >= '0' && text[last] <= '~' ? last + 1 : last;
}

/// A number as it is printed, which no spreadsheet takes for a formula even though it may start with a minus.
bool is_number(std::string_view text) {
  size_t at = text.starts_with('-') ? 1 : 0;
  const size_t digits = at;
  at = skip_while(text, at, '0', '9');
  if (at == digits) return false;
  if (at < text.size() && text[at] == '.') at = skip_while(text, at + 1, '0', '9');
  if (at < text.size() && text[at] == 'e') {
    at += at + 1 < text.size() && (text[at + 1] == '-' || text[at + 1] == '+') ? 2 : 1;
    at = skip_while(text, at, '0', '9');
  }
  return at == text.size();
}

/// Columns that the text takes on a terminal.
size_t width_of(std::string_view text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size();) {
    const Symbol symbol = symbol_at(text, at);
    width += static_cast<size_t>(std::max(0, utf8proc_charwidth(static_cast<utf8proc_int32_t>(symbol.point))));
    at += symbol.length;
  }
  return width;
}

std::string padded(const std::string& cell, size_t width, bool left) {
  const std::string space(width - std::min(width, width_of(cell)), ' ');
  return left ? cell + space : space + cell;
}

/// A cell of Markdown that shows the text: no column, tag, emphasis or link begins in it.
std::string markdown_cell(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      const bool ends_label = c == ']' && i + 1 < text.size() && (text[i + 1] == '(' || text[i + 1] == '[');
      if (ends_label || std::string_view("|\\`*").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

std::vector<size_t> widths_of(const std::vector<std::string>& headings, const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& heading : headings) widths.push_back(width_of(heading));
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  return widths;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    // Nearly every name is ASCII: eight bytes at a time.
    for (uint64_t word; at + sizeof word <= text.size(); at += sizeof word) {
      std::memcpy(&word, text.data() + at, sizeof word);
      if ((word & 0x8080808080808080) != 0) break;
    }
    if (at == text.size()) break;
    const Symbol symbol = symbol_at(text, at);
    if (!symbol.valid) return false;
    at += symbol.length;
  }
  return true;
}

std::string valid_utf8(std::string_view text) {
  if (is_valid_utf8(text)) return std::string(text);
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const Symbol symbol = symbol_at(text, at);
    out += symbol.valid ? text.substr(at, symbol.length) : replacement;
    at += symbol.length;
  }
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const Symbol symbol = symbol_at(text, at);
    if (!symbol.valid) {
      out += replacement;
    } else if (breaks_line(symbol.point)) {
      out += ' ';
    } else if (is_control(symbol.point)) {
      at = behind_control(text, at, symbol);
      continue;
    } else if (!turns_direction(symbol.point)) {
      out += text.substr(at, symbol.length);
    }
    at += symbol.length;
  }
  return out;
}

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string csv_cell(std::string_view text) {
  const bool formula = !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos &&
                       !is_number(text);
  std::string cell = formula ? "'" : "";
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return cell + std::string(text);
  for (const char c : text) cell += c == '"' ? "\"\"" : std::string(1, c);
  return '"' + cell + '"';
}

TextTable::TextTable(std::vector<std::string> headings) {
  for (const auto& heading : headings) {
    left_.push_back(heading.starts_with('<'));
    headings_.push_back(printable(std::string_view(heading).substr(left_.back() ? 1 : 0)));
  }
}

void TextTable::row(std::vector<std::string> cells) {
  if (cells.empty() || cells.size() > headings_.size()) {
    throw std::invalid_argument("TextTable::row: cells for other columns than the headings have");
  }
  cells.resize(headings_.size());
  for (auto& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

void TextTable::rule() { rows_.emplace_back(); }

std::string TextTable::text() const {
  const auto widths = widths_of(headings_, rows_);
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string out;
    for (size_t i = 0; i < cells.size(); ++i) out += (i > 0 ? "  " : "") + padded(cells[i], widths[i], left_[i]);
    return out.substr(0, out.find_last_not_of(' ') + 1) + '\n';
  };
  std::string across;
  for (size_t i = 0; i < widths.size(); ++i) {
    for (size_t j = 0; j < widths[i] + (i > 0 ? 2 : 0); ++j) across += "─";
  }
  std::string out = line(headings_) + across + '\n';
  for (const auto& row : rows_) out += row.empty() ? across + '\n' : line(row);
  return out;
}

std::string TextTable::markdown() const {
  auto headings = headings_;
  auto rows = rows_;
  for (auto& heading : headings) heading = markdown_cell(heading);
  for (auto& row : rows) {
    for (auto& cell : row) cell = markdown_cell(cell);
  }
  const auto widths = widths_of(headings, rows);
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string out = "|";
    for (size_t i = 0; i < cells.size(); ++i) out += ' ' + padded(cells[i], widths[i], left_[i]) + " |";
    return out + '\n';
  };
  std::string out = line(headings) + '|';
  for (size_t i = 0; i < widths.size(); ++i) {
    out += left_[i] ? ':' : '-';
    out.append(widths[i], '-');
    out += left_[i] ? "-|" : ":|";
  }
  out += '\n';
  for (const auto& row : rows) {
    if (!row.empty()) out += line(row);
  }
  return out;
}

}  // namespace segue
