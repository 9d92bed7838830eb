#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace segue {

/// XXH3 (128 bits) of "artist_id TAB artist TAB track_id TAB title", the fields as they stand in a LastFM-1K line: so
/// many bits that two spellings with one hash are taken for equal without a look. All zero: not known yet.
struct SpellingHash {
  uint64_t low = 0, high = 0;
  bool operator==(const SpellingHash&) const = default;
};
SpellingHash spelling_hash(std::string_view fields);

/// One row of a log as its importer read it. The views live as long as the call that hands them over.
struct RawPlay {
  std::string_view listener;   // as the file says; empty where it names nobody
  int64_t start_ms = 0;        // since 1970, UTC
  int32_t start_error_s = 1;   // how far the start may be off: 1 for stamps to the second, 60 for stamps to the minute
  std::string_view artist_id;  // MusicBrainz or service id; empty where unknown
  std::string_view artist;
  std::string_view track_id;
  std::string_view title;
  std::optional<int64_t> played_ms;  // how long it was heard
  std::optional<int64_t> length_ms;  // of the track, where the log says it
  std::string_view reason_end;       // in the log's own words
  std::optional<bool> skipped;
  int64_t row = 0;           // place in the source, from 1: a line or an element, counted over all its files
  SpellingHash spelling{};   // of the ids and names, where the importer has it already
};

/// Where an importer puts what it reads: every row of the log ends up in exactly one of the two calls.
class PlaySink {
 public:
  virtual ~PlaySink() = default;
  virtual void plays(std::span<const RawPlay> rows) = 0;
  /// A row that is not a play: `why` is the report's key ("malformed-line", "no-time", "podcast", …), `example` the
  /// row as it came; only its first bytes are kept.
  virtual void refuse(std::string_view why, int64_t row, std::string_view example) = 0;
};

}  // namespace segue
