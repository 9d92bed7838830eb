#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/source.h"

namespace segue {

/// The elements of a JSON array, one after the other: a document of any size takes the memory of its longest element.
class JsonArray {
 public:
  /// file: what errors name. longest: a longer element is given in its first `longest` bytes, and cut() says so.
  JsonArray(ByteStream& stream, std::string file, size_t longest = 1 << 20);
  /// The text of the next element, not parsed yet, valid until the next call; false after the last.
  /// Throws Error with the byte where the document breaks off or is no array.
  bool next(std::string_view& element);
  bool cut() const { return cut_; }

 private:
  bool refill();
  char peek(const char* wanted);
  void open();
  bool close();
  void begin_element();
  bool scan();
  bool scan_nested();
  void keep(const char* start);
  [[noreturn]] void wrong(const char* what) const;
  int64_t place() const { return behind_ + (at_ - start_); }

  ByteStream& stream_;
  std::string file_;
  size_t longest_;
  const char* start_ = nullptr;  // the block
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  int64_t behind_ = 0;  // bytes before the block
  std::string pending_;
  enum class Shape { word, string, nested } shape_ = Shape::word;
  size_t depth_ = 0;
  bool in_string_ = false, escaped_ = false, cut_ = false, opened_ = false, closed_ = false, first_ = true;
};

}  // namespace segue
