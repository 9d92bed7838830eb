#include "core/hash_numbers.h"

#include <xxhash.h>

namespace segue {

Hash128 HashNumbers::prepare(std::string_view text) const {
  const auto bits = XXH3_128bits(text.data(), text.size());
  const Hash128 hash{bits.low64, bits.high64};
  numbers_.prefetch(hash);
  return hash;
}

}  // namespace segue
