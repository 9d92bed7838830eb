#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/big_pages.h"

namespace segue {

/// Numbers 0, 1, … for texts, equal for equal texts, in the order of first appearance. Texts are known by 128 bits of
/// XXH3 and not kept.
class HashNumbers {
 public:
  struct Hash {
    uint64_t low = 0, high = 0;
  };

  /// most: how many texts may come.
  explicit HashNumbers(size_t most);
  /// Tells the processor, too, that the text will be asked for soon.
  Hash prepare(std::string_view text) const;
  int32_t of(const Hash& hash);

 private:
  struct Slot {
    Hash hash;
    int32_t number = -1;
  };

  std::vector<Slot, BigPages<Slot>> slots_;  // open addressing; a power of two
  int32_t size_ = 0;
};

/// The numbers of n texts; write(i, text) adds text i to an empty one.
template <class Write>
std::vector<int32_t> number_texts(size_t n, const Write& write) {
  constexpr size_t block = 32;  // hashed before the first of them is looked up: memory answers late
  HashNumbers numbers(n);
  std::vector<HashNumbers::Hash> hashes;
  std::vector<int32_t> out;
  out.reserve(n);
  std::string text;
  while (out.size() < n) {
    hashes.clear();
    for (size_t i = out.size(); i < std::min(n, out.size() + block); ++i) {
      text.clear();
      write(i, text);
      hashes.push_back(numbers.prepare(text));
    }
    for (const auto& hash : hashes) out.push_back(numbers.of(hash));
  }
  return out;
}

}  // namespace segue
