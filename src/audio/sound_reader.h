#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "audio/sound_format.h"
#include "core/files.h"

namespace segue {

/// The sound of a file as one channel, the plain mean of all there are, at a rate of one's choice (see SoundResampler). Reads
/// any format that FFmpeg does, and those that only libsndfile opens; in memory stands a block of it, never the file. A
/// file that lists other files is refused. Changes of rate or channels within the file are followed.
class SoundReader {
 public:
  /// Opens the file and decodes its first block. Throws Error: no regular file, no sound in it, a format that neither
  /// library reads, or nothing of it can be decoded.
  SoundReader(const Path& file, int sample_rate_hz);
  ~SoundReader();
  SoundReader(const SoundReader&) = delete;
  SoundReader& operator=(const SoundReader&) = delete;

  const SoundFormat& format() const;
  /// The next samples, within ±1 but for what clips; fewer than asked for only at the end. Packets that can't be decoded are
  /// passed over and counted; what they held is missing, and what follows comes earlier. Throws Error where the disk fails.
  size_t read(std::span<float> into);
  /// Goes to the sample round(seconds * rate), forward or back; false if the sound ends before. Afterwards come the same
  /// samples as without it: to the bit in PCM, FLAC, Vorbis and most of MP3, to some 1e-5 where decoders remember for
  /// longer than the quarter of a second that is decoded first (Opus, AAC). Jumps where the file tells to the sample where one
  /// lands (WAV, FLAC, MP3, MP4, AAC, Opus); passes over Vorbis in Ogg without decoding it; decodes all that lies between in
  /// files whose time stamps are coarser (Matroska, WMA, AC-3) or wrong (other codecs in Ogg, Ogg files that were joined).
  bool skip_to(double seconds);
  /// Packets that could not be decoded so far; a truncated file ends early and has at least one where that shows.
  int64_t broken_packets() const;
  /// Samples so far that were no numbers, or beyond ±1e10, and became 0.
  int64_t broken_samples() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace segue
