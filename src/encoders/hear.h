#pragma once

#include <vector>

#include "core/files.h"
#include "encoders/pooling.h"
#include "encoders/sound_encoder.h"

namespace segue {

/// Which parts of a track are heard, and what becomes of them.
struct HearOptions {
  int64_t windows = 0;    // evenly spaced over the track; 0: the whole track, one window after the other
  double window_s = 0;    // how long each is; 0: as the encoder was made for
  Pooling pooling = Pooling::mean;
};

struct HeardTrack {
  std::vector<float> vector;
  double seconds = 0;          // that were heard
  int64_t broken_packets = 0;  // that could not be decoded
};

/// Reads a file window by window: in memory stand one window and what the encoder makes of it. The end of a track that is
/// shorter than a window is heard as it is. Throws Error where the file can't be read or is too short for the encoder, and
/// where a vector is not finite.
HeardTrack hear(const SoundEncoder& encoder, const Path& file, const HearOptions& options);

}  // namespace segue
