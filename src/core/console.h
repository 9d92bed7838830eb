#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace segue {

/// The text as a terminal, a page or a log line may show it: one line, without control characters, escape sequences
/// or marks that turn the direction of writing; invalid UTF-8 becomes U+FFFD.
std::string printable(std::string_view text);

/// The text with each invalid byte sequence replaced by U+FFFD, all else as it is.
std::string valid_utf8(std::string_view text);
bool is_valid_utf8(std::string_view text);

/// The text inside HTML or XML, printable().
std::string html_text(std::string_view text);

/// The text inside Markdown: no column, tag, emphasis or link begins in it. printable().
std::string markdown_text(std::string_view text);

/// A cell of a CSV file: quoted where needed; one that a spreadsheet would take for a formula gets a leading '.
std::string csv_cell(std::string_view text);

/// Rows under headings, as wide as their widest cell (wide characters count twice); every cell is made printable().
class TextTable {
 public:
  /// headings: "<name" is aligned on the left, all others on the right.
  explicit TextTable(std::vector<std::string> headings);
  void row(std::vector<std::string> cells);
  /// A line across the table.
  void rule();
  std::string text() const;
  std::string markdown() const;

 private:
  std::vector<std::string> headings_;
  std::vector<bool> left_;
  std::vector<std::vector<std::string>> rows_;  // an empty row is a rule
};

}  // namespace segue
