#pragma once

#include <cstdint>

namespace segue {

/// Bytes of memory for the weights of each language model that this process opens; 0: as many as they take.
void set_weights_budget(int64_t bytes);
int64_t weights_budget();

}  // namespace segue
