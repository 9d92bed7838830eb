#include "core/csv_reader.h"

#include "core/text_stream.h"

namespace segue {

CsvReader::CsvReader(ByteStream& stream, char divider, size_t longest)
    : stream_(stream), divider_(divider), longest_(longest) {}

bool CsvReader::next(std::vector<std::string_view>& fields) {
  if (!started_) skip_mark();
  do {
    cut_ = unclosed_ = false;
    const size_t end = record_end();
    if (end == 0 && place_ == window_.size()) return false;
    take(end);
  } while (text_.empty());
  split(fields);
  return true;
}

CsvReader::State CsvReader::after(State state, char c) const {
  if (state == State::quoted) return c == '"' ? State::closed : State::quoted;
  if (c == divider_) return State::start;
  return c == '"' && state != State::plain ? State::quoted : State::plain;
}

void CsvReader::skip_mark() {
  started_ = true;
  while (window_.size() < byte_order_mark.size() && fill()) {}
  if (window_.starts_with(byte_order_mark)) place_ = byte_order_mark.size();
}

/// Reads more into the window; false at the end.
bool CsvReader::fill() {
  if (over_) return false;
  window_.erase(0, place_);
  place_ = 0;
  const auto block = stream_.next();
  window_.append(block.data(), block.size());
  over_ = block.empty();
  return !over_;
}

/// How many bytes from place_ on are the record.
size_t CsvReader::record_end() {
  State state = State::start;
  size_t first_line = 0;  // where it ends, if it is not the record's last
  for (size_t size = 0;; ++size) {
    const bool over = place_ + size == window_.size() && !fill();
    if (over || size > longest_) {
      if (over && state != State::quoted) return size;
      unclosed_ = state == State::quoted && (over || first_line > 0);
      cut_ = !unclosed_;
      if (cut_) return longest_;
      return first_line > 0 ? first_line : size;
    }
    const char c = window_[place_ + size];
    if (c == '\n' && state != State::quoted) return size;
    if (c == '\n' && first_line == 0) first_line = size;
    state = after(state, c);
  }
}

void CsvReader::take(size_t size) {
  text_ = std::string_view(window_).substr(place_, size);
  place_ += size;
  if (cut_) {
    start_ = text_;  // skipping moves the window
    text_ = start_;
    skip_line();
    return;
  }
  if (text_.ends_with('\r')) text_.remove_suffix(1);
  if (place_ < window_.size()) ++place_;  // the LF
}

void CsvReader::skip_line() {
  do {
    const size_t end = window_.find('\n', place_);
    place_ = end == std::string::npos ? window_.size() : end + 1;
    if (end != std::string::npos) return;
  } while (fill());
}

void CsvReader::split(std::vector<std::string_view>& fields) {
  fields.clear();
  unquoted_.clear();
  unquoted_.reserve(text_.size());  // fields only get shorter: views into it stay valid
  State state = State::start;
  size_t start = 0;
  for (size_t i = 0; i < text_.size(); ++i) {
    state = after(state, text_[i]);
    if (state != State::start) continue;
    fields.push_back(unquote(text_.substr(start, i - start)));
    start = i + 1;
  }
  fields.push_back(unquote(text_.substr(start)));
}

std::string_view CsvReader::unquote(std::string_view field) {
  if (!field.starts_with('"')) return field;
  const size_t before = unquoted_.size();
  State state = State::start;
  for (const char c : field) {
    const State next = after(state, c);
    const bool doubled = state == State::closed && next == State::quoted;
    if (doubled || (next != State::closed && !(state == State::start && next == State::quoted))) unquoted_ += c;
    state = next;
  }
  return std::string_view(unquoted_).substr(before);
}

}  // namespace segue
