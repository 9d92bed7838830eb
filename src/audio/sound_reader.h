#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/files.h"

namespace segue {

/// What a file says of its sound, before any of it is decoded. It may lie.
struct SoundFormat {
  std::string container, codec;  // as FFmpeg names them
  int sample_rate_hz = 0, channels = 0;
  double seconds = 0;            // 0: it doesn't say
  int64_t bit_rate = 0;          // bits a second; 0: it doesn't say
};

/// The sound of a file as one channel, the mean of all there are, at a rate of one's choice. Reads any format that FFmpeg
/// does, and those that only libsndfile opens; in memory stands a block of it, never the file.
class SoundReader {
 public:
  /// Throws Error: no such file, no sound in it, a format that neither library opens.
  SoundReader(const Path& file, int sample_rate_hz);
  ~SoundReader();
  SoundReader(const SoundReader&) = delete;
  SoundReader& operator=(const SoundReader&) = delete;

  const SoundFormat& format() const;
  /// The next samples, within ±1 but for what clips; fewer than asked for only at the end. Packets that can't be decoded are
  /// passed over and counted. Throws Error where the disk fails, and where nothing at all could be decoded.
  size_t read(std::span<float> into);
  /// Packets that could not be decoded so far; a truncated file ends early and has at least one where that shows.
  int64_t broken_packets() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace segue
