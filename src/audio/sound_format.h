#pragma once

#include <cstdint>
#include <string>

namespace segue {

/// What a file says of its sound, before any of it is decoded. It may lie.
struct SoundFormat {
  std::string container, codec;  // as FFmpeg names them, or libsndfile where that opened it
  int sample_rate_hz = 0, channels = 0;
  double seconds = 0;            // 0: it doesn't say
  int64_t bit_rate = 0;          // bits a second; 0: it doesn't say
};

}  // namespace segue
