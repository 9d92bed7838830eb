#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "core/big_pages.h"

namespace segue {

/// Numbers by 64-bit hash, in open addressing: what an import asks for a million times. Nothing is ever taken out.
class FlatMap {
 public:
  /// Room for `expected` keys; more are taken, slowly.
  explicit FlatMap(size_t expected = 0) : slots_(std::bit_ceil(expected + expected / 2 + 2)) {}

  /// The number of a key, or -1.
  int32_t find(uint64_t key) const { return slots_[place(key)].number; }

  /// Tells the processor that a key will be asked for soon.
  void prefetch(uint64_t key) const { __builtin_prefetch(&slots_[key & (slots_.size() - 1)]); }

  /// Keeps the first number given for a key, >= 0.
  void try_emplace(uint64_t key, int32_t number) {
    if (3 * slots_.size() < 4 * (size_ + 1)) grow();
    Slot& slot = slots_[place(key)];
    if (slot.number >= 0) return;
    slot = {key, number};
    ++size_;
  }

 private:
  struct Slot {
    uint64_t key = 0;
    int32_t number = -1;
  };

  size_t place(uint64_t key) const {
    const size_t mask = slots_.size() - 1;
    size_t i = key & mask;
    while (slots_[i].number >= 0 && slots_[i].key != key) i = (i + 1) & mask;
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
