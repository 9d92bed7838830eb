#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace segue {

/// Numbers 0, 1, … for texts, equal for equal texts, in the order of first appearance. Texts are known by 128 bits of
/// XXH3 and not kept.
class HashNumbers {
 public:
  /// expected: how many texts may come at most; more are taken, slowly.
  explicit HashNumbers(size_t expected);
  int32_t of(std::string_view text);
  int32_t size() const { return size_; }

 private:
  struct Slot {
    uint64_t low = 0, high = 0;
    int32_t number = -1;
  };
  void grow();

  std::vector<Slot> slots_;  // open addressing; a power of two
  int32_t size_ = 0;
};

}  // namespace segue
