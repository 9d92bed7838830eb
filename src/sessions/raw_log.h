#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/files.h"
#include "sessions/track_keys.h"

namespace segue {

/// All plays of a data folder in columns: listener by listener (by name, in bytes), each in the order of time.
/// Filters shrink the columns in place: 19 million plays are not copied.
struct RawLog {
  std::vector<std::string> listeners;  // [U] sorted by bytes
  std::vector<int64_t> first;          // [U + 1]
  // One entry per play.
  std::vector<int64_t> time_ms;     // when it is placed in time: its end where the played time is known, else its start
  std::vector<int32_t> played_ms;   // -1 unknown; empty if no play's is known
  std::vector<int32_t> spelling;
  std::vector<uint8_t> duplicate;

  int64_t plays() const { return static_cast<int64_t>(time_ms.size()); }
  int64_t start_ms(size_t i) const { return time_ms[i] - (played_ms.empty() || played_ms[i] < 0 ? 0 : played_ms[i]); }

  /// Keeps the plays with keep(listener, play) != 0, in order; listeners without plays stay, empty.
  template <class Keep>
  void filter(const Keep& keep) {
    size_t to = 0;
    for (size_t u = 0; u < listeners.size(); ++u) {
      const auto begin = static_cast<size_t>(first[u]), end = static_cast<size_t>(first[u + 1]);
      first[u] = static_cast<int64_t>(to);
      for (size_t i = begin; i < end; ++i) {
        if (keep(u, i)) move(i, to++);
      }
    }
    first.back() = static_cast<int64_t>(to);
    resize(to);
  }

  /// Keeps the first left[u] plays of each listener u.
  void keep_first(const std::vector<int64_t>& left);

  /// Puts a play in the place of another.
  void move(size_t from, size_t to) {
    time_ms[to] = time_ms[from];
    spelling[to] = spelling[from];
    duplicate[to] = duplicate[from];
    if (!played_ms.empty()) played_ms[to] = played_ms[from];
  }

 private:
  void resize(size_t n) {
    time_ms.resize(n);
    spelling.resize(n);
    duplicate.resize(n);
    if (!played_ms.empty()) played_ms.resize(n);
  }
};

/// How plays with one time are ordered (rule R4): the later line first, the earlier first, or by the bytes of the
/// track key and then the later first.
enum class TieOrder { as_written, reverse, file, key };

/// The plays and what one track is, read at the same time.
struct ReadLog {
  TrackKeys keys;
  RawLog log;
};

/// raw_keys: as for TrackKeys. Throws Error if `data` holds no plays.
ReadLog read_log(const Path& data, TieOrder ties, bool raw_keys);

/// Order of ties by its name in a configuration ("auto" is as_written).
TieOrder tie_order(const std::string& name);

}  // namespace segue
