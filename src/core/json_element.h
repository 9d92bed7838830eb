#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace segue {

class JsonElement;

/// A value inside a JsonElement. Asked for what it is not, it gives nothing.
class JsonValue {
 public:
  enum class Kind : uint8_t { missing, null, boolean, number, text, array, object };

  Kind kind() const;
  bool is(Kind kind) const { return this->kind() == kind; }
  /// missing where this is no object or has no such key; of several the first.
  JsonValue operator[](std::string_view key) const;
  /// The first value of an array.
  JsonValue front() const;

  std::optional<std::string_view> text() const;
  std::optional<bool> boolean() const;
  /// Infinite where a double can't hold it.
  std::optional<double> number() const;

 private:
  friend class JsonElement;
  JsonValue(const JsonElement* element, size_t node) : element_(element), node_(node) {}
  const JsonElement* element_;
  size_t node_;
};

/// One small JSON document, read without recursion; memory is used again by the next.
///
/// Strict, but for two things that real logs have in their names: invalid UTF-8 is handed over as it is, and half of a
/// surrogate pair becomes U+FFFD.
class JsonElement {
 public:
  static constexpr size_t deepest = 64;  // brackets inside each other

  /// False if the text is not JSON or too deep. The text must outlive the values.
  bool parse(std::string_view text);
  JsonValue root() const { return {this, 0}; }

 private:
  friend class JsonValue;
  struct Node {
    JsonValue::Kind kind;
    std::string_view key, text;  // text: of a string, a number or a word
    size_t end;                  // one past its last descendant; nodes stand in the order of the text
  };

  bool step();
  bool value(std::string_view key);
  bool string(std::string_view& out);
  bool escaped(std::string_view& out, const char* start);
  bool escape();
  bool unicode_escape();
  bool hex4(uint32_t& out);
  bool number(std::string_view& out);
  bool word(std::string_view expected);
  void skip_white();

  const char* at_ = nullptr;
  const char* end_ = nullptr;
  std::vector<Node> nodes_;
  std::vector<size_t> open_;
  std::string unescaped_;
};

}  // namespace segue
