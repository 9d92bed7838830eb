// An array of JSON is read to its end or throws Error, alike whatever the size of blocks; what an element's parser takes
// is JSON to nlohmann's parser too, but for the two liberties that json_element.h names.

#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json_element.h"
#include "core/json_stream.h"
#include "core/text_stream.h"
#include "support/memory_source.h"

namespace {

std::vector<std::string> elements_of(segue::ByteStream& stream) {
  segue::JsonArray array(stream, "fuzz", 64);
  std::vector<std::string> elements;
  try {
    for (std::string_view text; array.next(text);) elements.push_back(std::string(text) + (array.cut() ? " cut" : ""));
  } catch (const segue::Error& error) {
    elements.push_back(error.what());
  }
  return elements;
}

/// Without what the two parsers take differently: escapes, what is not ASCII, and NUL, which ends nlohmann's input.
bool plain(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80 || c == '\\' || c == '\0') return false;
  }
  return true;
}

/// How deep brackets stand in each other at most; brackets in strings count too, which only makes us look less.
size_t depth_of(std::string_view text) {
  size_t depth = 0;
  for (const char c : text) depth += c == '[' || c == '{' ? 1 : 0;
  return depth;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  segue::TextStream whole(text);
  segue::MemoryStream blocks(text, 1 + data[0] % 32);
  if (elements_of(whole) != elements_of(blocks)) std::abort();

  segue::JsonElement element;
  const bool good = element.parse(text);
  if (!plain(text) || depth_of(text) > segue::JsonElement::deepest || text.starts_with('\xef')) return 0;
  bool too_large = false;  // nlohmann refuses numbers that a double can't hold
  const bool expected = [&] {
    try {
      (void)nlohmann::json::parse(text);
      return true;
    } catch (const nlohmann::json::out_of_range&) {
      too_large = true;
      return true;
    } catch (const nlohmann::json::parse_error&) {
      return false;
    }
  }();
  if (!too_large && good != expected) std::abort();
  return 0;
}
