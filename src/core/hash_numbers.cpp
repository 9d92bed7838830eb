#include "core/hash_numbers.h"

#include <xxhash.h>

#include <bit>

namespace segue {

HashNumbers::HashNumbers(size_t expected) : slots_(std::bit_ceil(2 * expected + 2)) {}

int32_t HashNumbers::of(std::string_view text) {
  if (slots_.size() < 2 * (static_cast<size_t>(size_) + 1)) grow();
  const auto hash = XXH3_128bits(text.data(), text.size());
  const size_t mask = slots_.size() - 1;
  for (size_t i = hash.low64 & mask;; i = (i + 1) & mask) {
    Slot& slot = slots_[i];
    if (slot.number < 0) slot = {hash.low64, hash.high64, size_++};
    if (slot.low == hash.low64 && slot.high == hash.high64) return slot.number;
  }
}

void HashNumbers::grow() {
  std::vector<Slot> old(2 * slots_.size());
  old.swap(slots_);
  const size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.number < 0) continue;
    size_t i = slot.low & mask;
    while (slots_[i].number >= 0) i = (i + 1) & mask;
    slots_[i] = slot;
  }
}

}  // namespace segue
