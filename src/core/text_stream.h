#pragma once

#include <string_view>
#include <utility>

#include "core/source.h"

namespace segue {

/// A text that is in memory already, as a stream of one block. The text must outlive it.
class TextStream : public ByteStream {
 public:
  explicit TextStream(std::string_view text) : text_(text) {}
  std::span<const char> next() override { return std::exchange(text_, {}); }

 private:
  std::string_view text_;
};

/// Some programs begin UTF-8 with this.
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

constexpr std::string_view without_mark(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return text;
}

}  // namespace segue
