#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>

#include "core/claims.h"
#include "signals/signal_records.h"

namespace segue {

/// A track whose vector is wanted, and a hash of what it is to be made from.
struct WantedTrack {
  int32_t track = 0;
  int64_t content = 0;
};

/// The making of a signal, by several threads and processes at once: each takes blocks of tracks for itself, and what was
/// made from the same content is not made again.
class SignalWork {
 public:
  struct Options {
    int32_t block = 16;     // tracks that are claimed together
    bool again = false;     // tries once more what could not be read
    ClaimOptions claims = {};
  };
  /// A block that this process has for itself while it keeps this.
  struct Block {
    std::vector<WantedTrack> tracks;
    std::unique_ptr<Claim> claim;
  };

  /// Throws Error where the signal is there with another space; what is there is kept.
  SignalWork(const Path& data, SignalAbout about, std::vector<WantedTrack> wanted, Options options);

  /// Wanted tracks that were not made when this began.
  int64_t left() const { return left_; }
  /// Those of them that next() gave, or found made by others in the meantime.
  int64_t looked_at() const { return looked_at_; }
  /// The next block that nobody else has; nothing where there is none. Several threads may ask.
  std::optional<Block> next();
  /// As RecordWriter::add(). Several threads may add.
  void add(int32_t track, Known known, int64_t content, std::span<const float> vector, const std::string& problem = {});
  /// Puts all records into vectors.safetensors, those of other processes too. Returns the whole signal.
  Signal finish();

 private:
  bool done(const WantedTrack& track) const;
  void read_new();
  Signal fold() const;

  Path folder_;
  SignalAbout about_;
  Options options_;
  int64_t left_ = 0, looked_at_ = 0;
  std::mutex mutex_;
  SignalRows rows_;
  RecordFiles files_;
  std::array<int64_t, 3> vectors_seen_{};  // which vectors.safetensors was read last: its inode and time
  std::map<int32_t, std::vector<WantedTrack>> blocks_;  // that were not looked at
  Claims claims_;
  std::unique_ptr<RecordWriter> writer_;  // made when there is something to write
  std::map<int32_t, int64_t> tried_;      // unreadable tracks that this process tried, by content
};

/// Makes DATA/signals/NAME with its signal.json, or checks that it is the same signal. Throws Error where it is another.
Path make_signal_folder(const Path& data, const SignalAbout& about);

}  // namespace segue
