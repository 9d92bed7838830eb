#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/source.h"

namespace segue {

/// Records of a table as in RFC 4180: fields that hold the divider, a quote or a line break stand in quotes, and a quote
/// in them is doubled. A quote elsewhere is a character like others. Lines end in LF or CR LF; empty lines are none, and
/// a byte order mark is passed over.
///
/// A quoted field that doesn't close within `longest` bytes was not meant as one: the record ends with its first line,
/// and reading goes on behind it, so that one stray quote spoils one line and not the rest of the table.
class CsvReader {
 public:
  CsvReader(ByteStream& stream, char divider, size_t longest = 1 << 16);

  /// The next record's fields, valid until the next call; false at the end.
  bool next(std::vector<std::string_view>& fields);
  /// The record as it stands in the file, without the end of its line.
  std::string_view text() const { return text_; }
  /// The last record is only the start of what stands there: too long a line.
  bool cut() const { return cut_; }
  /// The last record has a quote that is never closed.
  bool unclosed() const { return unclosed_; }

 private:
  enum class State { start, plain, quoted, closed };  // of a field; closed: a quote has just ended it, or is doubled
  State after(State state, char c) const;
  void skip_mark();
  bool fill();
  size_t record_end();
  void take(size_t size);
  void skip_line();
  void split(std::vector<std::string_view>& fields);
  std::string_view unquote(std::string_view field);

  ByteStream& stream_;
  char divider_;
  size_t longest_;
  std::string window_;  // read and not yet taken, from place_ on
  size_t place_ = 0;
  std::string_view text_;
  std::string start_, unquoted_;
  bool started_ = false, over_ = false, cut_ = false, unclosed_ = false;
};

}  // namespace segue
