#pragma once

#include <utility>
#include <vector>

#include "core/random.h"

namespace segue {

/// Any order as likely as any other (Fisher & Yates): the same on every machine, as std::shuffle is not.
template <class Value>
void shuffle(std::vector<Value>& values, Random& random) {
  for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random.below(i)]);
}

}  // namespace segue
