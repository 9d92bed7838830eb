#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/files.h"

namespace segue {

/// What the config.json of a musicnn says: of its front end, and of the layers that its weights belong to.
struct MusicnnConfig {
  struct Layer {
    std::string convolution, norm;  // names of the weights
    int64_t taps = 0, wide = 0, filters = 0;
    bool adds = false;  // what it reads
  };
  int sample_rate_hz = 16000;
  int64_t window = 512, hop = 256, bands = 96, patch = 187;
  double low_hz = 0, high_hz = 8000, epsilon = 1e-3;
  int64_t tags = 50;
  std::vector<Layer> front, middle;
};

/// Throws Error where there is none, or it says what this musicnn is not.
MusicnnConfig read_musicnn_config(const Path& folder);
/// As many labels as there are tags. Throws Error.
std::vector<std::string> read_musicnn_labels(const Path& folder, int64_t tags);

}  // namespace segue
