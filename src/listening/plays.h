#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/files.h"

namespace segue {

/// One play of a data folder, packed: 19 million of them have to fit a laptop.
struct PlayRow {
  int64_t start_ms = 0;
  uint32_t row = 0;         // place in its source, from 1
  int32_t spelling = 0;
  int32_t played_ms = -1;   // -1: unknown
  uint16_t source = 0;
  uint16_t start_error_s = 1;
  uint8_t reason_end = 0;   // number in Plays::reasons; 0: unknown
  int8_t skipped = -1;      // -1: unknown
  bool duplicate = false;   // equal to a row before it in the same source: kept, but no play of its own
  // Of a row that was just read; the folder does not keep them.
  bool mended = false;      // its names held invalid UTF-8
  bool odd_date = false;

  /// When it is placed in time: its end where the played time is known, else its start.
  int64_t moment_ms() const { return start_ms + (played_ms > 0 ? played_ms : 0); }
};

/// The plays of a data folder, listener by listener, each in the order of (moment, source, row).
struct Plays {
  std::vector<std::string> listeners;         // names, in the order of first appearance
  std::vector<std::vector<PlayRow>> rows;     // [listeners]
  std::vector<std::string> zones;             // [listeners loaded] time zone each was imported with
  std::vector<std::string> reasons{""};       // words for reason_end

  int32_t listener(std::string_view name);    // its number; a new one if it is new
  int32_t find(std::string_view name) const;  // its number, or -1
  uint8_t reason(std::string_view word);      // its number; 0 past 255 words and for what is no word
  int64_t count() const;

  /// plays.parquet: listener, start_ms, start_error_s, track, spelling, played_ms, reason_end, skipped, source, row,
  /// duplicate; listeners.parquet: listener, name, time_zone, plays. track: [spellings] of each spelling.
  void save(const Path& folder, const std::vector<int32_t>& track, const std::string& time_zone) const;
  static Plays load(const Path& folder);

 private:
  std::unordered_map<std::string, int32_t> numbers_;
};

/// A hash of the plays of a data folder, as its plays.parquet keeps it; empty if another program wrote the file.
std::string plays_hash(const Path& folder);

}  // namespace segue
