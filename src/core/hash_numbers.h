#pragma once

#include <cstdint>
#include <string_view>

#include "core/flat_map.h"

namespace segue {

/// Numbers 0, 1, … for texts, equal for equal texts, in the order of first appearance. Texts are known by 128 bits of
/// XXH3 and not kept.
class HashNumbers {
 public:
  /// expected: how many texts may come at most; more are taken, slowly.
  explicit HashNumbers(size_t expected) : numbers_(expected) {}
  int32_t of(std::string_view text);
  int32_t size() const { return static_cast<int32_t>(numbers_.size()); }

 private:
  FlatMap<Hash128> numbers_;
};

}  // namespace segue
