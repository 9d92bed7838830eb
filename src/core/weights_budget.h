#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace segue {

/// Bytes of memory for the weights of each language model that this process opens; 0: as many as they take.
void set_weights_budget(int64_t bytes);
int64_t weights_budget();

/// Names of the devices over which its layers are spread, in order; none: they lie where everything else does. Set before any
/// model is opened.
void set_weights_devices(std::vector<std::string> names);
const std::vector<std::string>& weights_devices();

}  // namespace segue
