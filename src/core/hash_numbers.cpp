#include "core/hash_numbers.h"

#include <xxhash.h>

#include <bit>

namespace segue {

HashNumbers::HashNumbers(size_t most) : slots_(std::bit_ceil(most + most / 2 + 2)) {}

HashNumbers::Hash HashNumbers::prepare(std::string_view text) const {
  const auto hash = XXH3_128bits(text.data(), text.size());
  __builtin_prefetch(&slots_[hash.low64 & (slots_.size() - 1)]);
  return {hash.low64, hash.high64};
}

int32_t HashNumbers::of(const Hash& hash) {
  const size_t mask = slots_.size() - 1;
  for (size_t i = hash.low & mask;; i = (i + 1) & mask) {
    Slot& slot = slots_[i];
    if (slot.number < 0) slot = {hash, size_++};
    if (slot.hash.low == hash.low && slot.hash.high == hash.high) return slot.number;
  }
}

}  // namespace segue
