#include "text/characters_map.h"

#include <cstring>

#include "core/error.h"
#include "text/unicode.h"

namespace segue {
namespace {

// A unit of the double array: a label, where its children are, and whether one of them is a leaf, which holds a value.
uint32_t offset_of(uint32_t unit) { return (unit >> 10) << ((unit & 0x200U) >> 6); }
uint32_t label_of(uint32_t unit) { return unit & 0x800000ffU; }
bool has_leaf(uint32_t unit) { return (unit >> 8 & 1) != 0; }
uint32_t value_of(uint32_t unit) { return unit & 0x7fffffffU; }

}  // namespace

CharactersMap::CharactersMap(std::string_view bytes, const std::string& where) {
  uint32_t size = 0;
  if (bytes.size() >= 4) std::memcpy(&size, bytes.data(), 4);
  if (bytes.size() < 4 || size == 0 || size % 4 != 0 || size > bytes.size() - 4) throw Error("{}: its precompiled_charsmap is damaged", where);
  units_.resize(size / 4);
  std::memcpy(units_.data(), bytes.data() + 4, size);
  texts_ = std::string(bytes.substr(4 + size)) + '\0';
}

const char* CharactersMap::found(std::string_view piece) const {
  uint32_t place = offset_of(units_[0]);
  for (const char c : piece) {
    place ^= static_cast<uint8_t>(c);
    if (c == 0 || place >= units_.size() || label_of(units_[place]) != static_cast<uint8_t>(c)) return nullptr;
    const bool leaf = has_leaf(units_[place]);
    place ^= offset_of(units_[place]);
    if (!leaf || place >= units_.size()) continue;
    const uint32_t text = value_of(units_[place]);
    return text < texts_.size() ? texts_.c_str() + text : nullptr;
  }
  return nullptr;
}

std::string CharactersMap::normalised(std::string_view text) const {
  std::string made;
  for_each_cluster(text, [&](std::string_view cluster) {
    if (cluster.size() < 6) {
      if (const char* whole = found(cluster)) return void(made += whole);
    }
    for_each_character(cluster, [&](char32_t, std::string_view character) {
      const char* const single = found(character);
      single == nullptr ? made += character : made += single;
    });
  });
  return made;
}

std::string from_base64(std::string_view text, const std::string& where) {
  std::string bytes;
  uint32_t held = 0;
  int bits = 0;
  while (text.ends_with('=')) text.remove_suffix(1);
  for (const char c : text) {
    const int digit = c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : c >= '0' && c <= '9' ? c - '0' + 52 : c == '+' ? 62 : c == '/' ? 63 : -1;
    if (digit < 0) throw Error("{}: its precompiled_charsmap is no base64", where);
    held = held << 6 | static_cast<uint32_t>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(held >> bits & 0xff);
  }
  return bytes;
}

}  // namespace segue
