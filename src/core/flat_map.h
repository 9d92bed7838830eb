#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "core/big_pages.h"

namespace segue {

/// A key of FlatMap: bits that are a hash already.
struct Hash128 {
  uint64_t low = 0, high = 0;
  bool operator==(const Hash128&) const = default;
};
inline uint64_t low_bits(uint64_t key) { return key; }
inline uint64_t low_bits(const Hash128& key) { return key.low; }

/// Numbers by hash, in open addressing: what an import asks for a million times. Nothing is ever taken out.
template <class Key>
class FlatMap {
 public:
  /// Room for `expected` keys; more are taken, slowly.
  explicit FlatMap(size_t expected = 0) : slots_(std::bit_ceil(expected + expected / 2 + 2)) {}

  size_t size() const { return size_; }

  /// The number of a key, or -1.
  int32_t find(const Key& key) const { return slots_[place(key)].number; }

  /// Tells the processor that a key will be asked for soon.
  void prefetch(const Key& key) const { __builtin_prefetch(&slots_[low_bits(key) & (slots_.size() - 1)]); }

  /// Keeps the first number given for a key, >= 0, and returns it.
  int32_t try_emplace(const Key& key, int32_t number) {
    if (3 * slots_.size() < 4 * (size_ + 1)) grow();
    Slot& slot = slots_[place(key)];
    if (slot.number < 0) {
      slot = {key, number};
      ++size_;
    }
    return slot.number;
  }

 private:
  struct Slot {
    Key key{};
    int32_t number = -1;
  };

  size_t place(const Key& key) const {
    const size_t mask = slots_.size() - 1;
    size_t i = low_bits(key) & mask;
    while (slots_[i].number >= 0 && !(slots_[i].key == key)) i = (i + 1) & mask;
    return i;
  }

  void grow() {
    std::vector<Slot, BigPages<Slot>> old(2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.number >= 0) slots_[place(slot.key)] = slot;
    }
  }

  std::vector<Slot, BigPages<Slot>> slots_;  // a power of two
  size_t size_ = 0;
};

}  // namespace segue
