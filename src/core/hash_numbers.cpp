#include "core/hash_numbers.h"

#include <xxhash.h>

namespace segue {

int32_t HashNumbers::of(std::string_view text) {
  const auto hash = XXH3_128bits(text.data(), text.size());
  return numbers_.try_emplace({hash.low64, hash.high64}, size());
}

}  // namespace segue
