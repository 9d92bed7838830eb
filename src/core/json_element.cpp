#include "core/json_element.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace segue {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += {static_cast<char>(0xc0 | (c >> 6)), static_cast<char>(0x80 | (c & 0x3f))};
  } else if (c < 0x10000) {
    out += {static_cast<char>(0xe0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 0x3f)),
            static_cast<char>(0x80 | (c & 0x3f))};
  } else {
    out += {static_cast<char>(0xf0 | (c >> 18)), static_cast<char>(0x80 | ((c >> 12) & 0x3f)),
            static_cast<char>(0x80 | ((c >> 6) & 0x3f)), static_cast<char>(0x80 | (c & 0x3f))};
  }
}

}  // namespace

bool JsonElement::parse(std::string_view text) {
  nodes_.clear();
  open_.clear();
  unescaped_.clear();
  unescaped_.reserve(text.size());  // an escape is never shorter than what it stands for: views into it stay valid
  at_ = text.data();
  end_ = at_ + text.size();
  bool good = value({});
  while (good && !open_.empty()) good = step();
  skip_white();
  good = good && at_ == end_;
  if (!good) nodes_.clear();
  return good;
}

/// Reads on in the innermost open array or object: one more value, or its end.
bool JsonElement::step() {
  const size_t top = open_.back();
  const bool object = nodes_[top].kind == JsonValue::Kind::object;
  skip_white();
  if (at_ == end_) return false;
  if (*at_ == (object ? '}' : ']')) {
    ++at_;
    nodes_[top].end = nodes_.size();
    open_.pop_back();
    return true;
  }
  if (nodes_.size() > top + 1) {
    if (*at_++ != ',') return false;
    skip_white();
  }
  if (!object) return value({});
  std::string_view key;
  if (!string(key)) return false;
  skip_white();
  if (at_ == end_ || *at_++ != ':') return false;
  return value(key);
}

bool JsonElement::value(std::string_view key) {
  using Kind = JsonValue::Kind;
  skip_white();
  if (at_ == end_) return false;
  Node node{Kind::null, key, {}, nodes_.size() + 1};
  bool good = true;
  switch (*at_) {
    case '{': case '[':
      node.kind = *at_++ == '{' ? Kind::object : Kind::array;
      open_.push_back(nodes_.size());
      good = open_.size() <= deepest;
      break;
    case '"': node.kind = Kind::text, good = string(node.text); break;
    case 't': node.kind = Kind::boolean, node.text = "true", good = word("true"); break;
    case 'f': node.kind = Kind::boolean, node.text = "false", good = word("false"); break;
    case 'n': good = word("null"); break;
    default: node.kind = Kind::number, good = number(node.text); break;
  }
  nodes_.push_back(node);
  return good;
}

bool JsonElement::string(std::string_view& out) {
  if (at_ == end_ || *at_ != '"') return false;
  const char* start = ++at_;
  for (; at_ != end_; ++at_) {
    if (*at_ == '"') {
      out = {start, static_cast<size_t>(at_++ - start)};
      return true;
    }
    if (*at_ == '\\') return escaped(out, start);
    if (static_cast<unsigned char>(*at_) < 0x20) return false;
  }
  return false;
}

/// The rest of a string that has an escape at at_.
bool JsonElement::escaped(std::string_view& out, const char* start) {
  const size_t before = unescaped_.size();
  unescaped_.append(start, at_);
  while (at_ != end_) {
    const char c = *at_++;
    if (c == '"') {
      out = std::string_view(unescaped_).substr(before);
      return true;
    }
    if (static_cast<unsigned char>(c) < 0x20) return false;
    if (c != '\\') unescaped_ += c;
    else if (!escape()) return false;
  }
  return false;
}

bool JsonElement::escape() {
  if (at_ == end_) return false;
  switch (*at_++) {
    case '"': unescaped_ += '"'; return true;
    case '\\': unescaped_ += '\\'; return true;
    case '/': unescaped_ += '/'; return true;
    case 'b': unescaped_ += '\b'; return true;
    case 'f': unescaped_ += '\f'; return true;
    case 'n': unescaped_ += '\n'; return true;
    case 'r': unescaped_ += '\r'; return true;
    case 't': unescaped_ += '\t'; return true;
    case 'u': return unicode_escape();
    default: return false;
  }
}

bool JsonElement::unicode_escape() {
  uint32_t high = 0, low = 0;
  if (!hex4(high)) return false;
  if (high < 0xd800 || high > 0xdfff) {
    append_utf8(unescaped_, high);
    return true;
  }
  const char* second = at_;
  if (high < 0xdc00 && end_ - at_ >= 6 && at_[0] == '\\' && at_[1] == 'u') {
    at_ += 2;
    if (!hex4(low)) return false;
    if (low >= 0xdc00 && low <= 0xdfff) {
      append_utf8(unescaped_, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
      return true;
    }
    at_ = second;  // half of a pair, then something else: that is read again
  }
  append_utf8(unescaped_, 0xfffd);
  return true;
}

bool JsonElement::hex4(uint32_t& out) {
  if (end_ - at_ < 4) return false;
  const auto [stop, failed] = std::from_chars(at_, at_ + 4, out, 16);
  if (failed != std::errc() || stop != at_ + 4) return false;
  at_ += 4;
  return true;
}

bool JsonElement::number(std::string_view& out) {
  const char* start = at_;
  const auto digits = [&] {
    const char* first = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return at_ != first;
  };
  if (*at_ == '-') ++at_;
  const bool zero = at_ != end_ && *at_ == '0';
  const char* whole = at_;
  if (!digits() || (zero && at_ - whole > 1)) return false;
  if (at_ != end_ && *at_ == '.') {
    ++at_;
    if (!digits()) return false;
  }
  if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
    ++at_;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    if (!digits()) return false;
  }
  out = {start, static_cast<size_t>(at_ - start)};
  return true;
}

bool JsonElement::word(std::string_view expected) {
  if (!std::string_view(at_, static_cast<size_t>(end_ - at_)).starts_with(expected)) return false;
  at_ += expected.size();
  return true;
}

void JsonElement::skip_white() {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
}

JsonValue::Kind JsonValue::kind() const {
  return node_ < element_->nodes_.size() ? element_->nodes_[node_].kind : Kind::missing;
}

JsonValue JsonValue::operator[](std::string_view key) const {
  const auto& nodes = element_->nodes_;
  if (is(Kind::object)) {
    for (size_t child = node_ + 1; child < nodes[node_].end; child = nodes[child].end) {
      if (nodes[child].key == key) return {element_, child};
    }
  }
  return {element_, nodes.size()};
}

JsonValue JsonValue::front() const {
  const auto& nodes = element_->nodes_;
  const bool any = is(Kind::array) && nodes[node_].end > node_ + 1;
  return {element_, any ? node_ + 1 : nodes.size()};
}

std::optional<std::string_view> JsonValue::text() const {
  if (!is(Kind::text)) return std::nullopt;
  return element_->nodes_[node_].text;
}

std::optional<bool> JsonValue::boolean() const {
  if (!is(Kind::boolean)) return std::nullopt;
  return element_->nodes_[node_].text == "true";
}

std::optional<double> JsonValue::number() const {
  if (!is(Kind::number)) return std::nullopt;
  const std::string_view text = element_->nodes_[node_].text;
  double number = 0;
  const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  // from_chars says "out of range" for what is too large and for what is too near 0, and sets neither.
  if (failed != std::errc()) return std::numeric_limits<double>::infinity();
  return number;
}

}  // namespace segue
