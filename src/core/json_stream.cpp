#include "core/json_stream.h"

#include <algorithm>

#include "core/error.h"

namespace segue {
namespace {

bool is_white(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

JsonArray::JsonArray(ByteStream& stream, std::string file, size_t longest)
    : stream_(stream), file_(std::move(file)), longest_(longest) {}

bool JsonArray::next(std::string_view& element) {
  cut_ = false;
  pending_.clear();
  if (!opened_) open();
  if (closed_ || close()) return false;
  begin_element();
  const char* start = at_;
  while (!scan()) {
    keep(start);
    if (!refill()) {
      if (shape_ == Shape::word) wrong("',' or ']' is missing");
      wrong("an element is not closed");
    }
    start = at_;
  }
  if (pending_.empty() && static_cast<size_t>(at_ - start) <= longest_) {  // all of it in this block: no copy
    element = {start, static_cast<size_t>(at_ - start)};
    return true;
  }
  keep(start);
  element = pending_;
  return true;
}

bool JsonArray::refill() {
  behind_ += end_ - start_;
  const auto block = stream_.next();
  start_ = at_ = block.data();
  end_ = start_ + block.size();
  return !block.empty();
}

/// The next character that is not white.
char JsonArray::peek(const char* wanted) {
  for (;; ++at_) {
    if (at_ == end_ && !refill()) wrong(wanted);
    if (!is_white(*at_)) return *at_;
  }
}

void JsonArray::open() {
  opened_ = true;
  if (!refill()) wrong("the file is empty");
  for (const char mark : {'\xef', '\xbb', '\xbf'}) {  // a byte order mark; the block may end inside it
    if ((at_ == end_ && !refill()) || *at_ != mark) break;
    ++at_;
  }
  if (peek("an array was expected") != '[') wrong("an array was expected, '['");
  ++at_;
}

/// True if the array ends here; else the next element begins at at_.
bool JsonArray::close() {
  const char c = peek("',' or ']' is missing");
  if (c == ']') {
    ++at_;
    closed_ = true;
    while (at_ != end_ || refill()) {
      if (!is_white(*at_)) wrong("something follows the end of the array");
      ++at_;
    }
    return true;
  }
  if (first_) {
    first_ = false;
    return false;
  }
  if (c != ',') wrong("',' or ']' is missing");
  ++at_;
  const char next = peek("an element is missing");
  if (next == ',' || next == ']') wrong("an element is missing");
  return false;
}

void JsonArray::begin_element() {
  depth_ = 0;
  in_string_ = escaped_ = false;
  shape_ = *at_ == '{' || *at_ == '[' ? Shape::nested : *at_ == '"' ? Shape::string : Shape::word;
}

/// Goes on to the end of the element; false where the block ends before.
bool JsonArray::scan() {
  if (shape_ != Shape::word) return scan_nested();
  while (at_ != end_ && *at_ != ',' && *at_ != ']' && !is_white(*at_)) ++at_;
  return at_ != end_;
}

bool JsonArray::scan_nested() {
  while (at_ != end_) {
    if (in_string_) {
      if (escaped_) escaped_ = false, ++at_;
      while (at_ != end_ && *at_ != '"' && *at_ != '\\') ++at_;
      if (at_ == end_) return false;
      escaped_ = *at_ == '\\';
      in_string_ = escaped_;
      ++at_;
      if (!in_string_ && depth_ == 0) return true;
      continue;
    }
    switch (*at_++) {
      case '"': in_string_ = true; break;
      case '{': case '[': ++depth_; break;
      case '}': case ']':
        if (--depth_ == 0) return true;
        break;
      default: break;
    }
  }
  return false;
}

void JsonArray::keep(const char* start) {
  const size_t size = static_cast<size_t>(at_ - start), room = longest_ - pending_.size();
  cut_ = cut_ || size > room;
  pending_.append(start, std::min(size, room));
}

void JsonArray::wrong(const char* what) const {
  throw Error("{}: byte {}: {}; is the file whole?", file_, place(), what);
}

}  // namespace segue
