#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "audio/sound_file.h"
#include "audio/sound_format.h"

namespace segue {

/// Samples in a row, of one channel.
struct SoundBlock {
  std::vector<float> samples;
  int sample_rate_hz = 0;
};

/// The sound of a file as a library decodes it, at its own rate: the plain mean of its channels.
class SoundSource {
 public:
  static constexpr size_t block_samples = 16384;              // a block holds about as many, and what one packet adds
  static constexpr int slowest_hz = 1000, fastest_hz = 6'000'000;  // what is taken for a sample rate

  virtual ~SoundSource() = default;
  virtual const SoundFormat& format() const = 0;
  /// Replaces `block` by what comes next, all of one rate; false at the end. Throws Error where the disk fails.
  virtual bool next(SoundBlock& block) = 0;
  /// Whether it is worth asking seek().
  virtual bool jumps() const { return true; }
  /// Goes to `sample` of the file's own rate or shortly before it, and returns the number of the sample that next() begins
  /// with; nothing where that can't be told, and the source is of no more use then.
  virtual std::optional<int64_t> seek(int64_t sample) = 0;
  /// Packets that could not be decoded so far.
  virtual int64_t broken_packets() const = 0;
};

/// Throws Error: no sound that the library can read.
std::unique_ptr<SoundSource> open_with_ffmpeg(std::shared_ptr<SoundFile> file);
std::unique_ptr<SoundSource> open_with_sndfile(std::shared_ptr<SoundFile> file);

}  // namespace segue
