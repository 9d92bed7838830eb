#pragma once

#include <cstdint>
#include <vector>

#include "core/big_pages.h"
#include "core/table.h"
#include "listening/play.h"

namespace segue {

/// Every way in which the logs wrote a track, each once, byte for byte (but for invalid UTF-8, which becomes U+FFFD).
/// Numbered from 0 in the order of first appearance.
class Spellings {
 public:
  /// The number of the row's spelling; `row.spelling` is used if it is set. Throws Error, changing nothing, where there
  /// would be more than 2 GiB of names or ids of one kind.
  int32_t add(const RawPlay& row);
  /// Tells the processor that this spelling will be asked for soon.
  void prefetch(const SpellingHash& hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash.low & (slots_.size() - 1)]);
  }

  int32_t size() const { return static_cast<int32_t>(artist.size()); }
  /// Forgets all but the first n.
  void truncate(int32_t n);
  int64_t mended() const { return mended_; }  // rows that held invalid UTF-8

  // One entry per spelling.
  Texts artist_id, artist, track_id, title;
  std::vector<int64_t> length_ms;  // 0: the log does not say it
  std::vector<int32_t> track;      // set by resolve_tracks; -1 before

  /// spellings.parquet: spelling, artist_id, artist, track_id, title, length_ms, track.
  void save(const Path& path) const;
  static Spellings load(const Path& path);

 private:
  /// 96 bits of the hash are enough to tell spellings apart, and a third less memory to wait for.
  struct Slot {
    Slot() = default;
    Slot(const SpellingHash& hash, int32_t number) : low(hash.low), high(static_cast<uint32_t>(hash.high)), number(number) {}
    bool is(const SpellingHash& hash) const { return low == hash.low && high == static_cast<uint32_t>(hash.high); }

    uint64_t low = 0;
    uint32_t high = 0;
    int32_t number = -1;
  };
  int32_t insert(const SpellingHash& hash, const RawPlay& row);
  int32_t add_mended(const RawPlay& row);
  void grow();

  std::vector<Slot, BigPages<Slot>> slots_;  // open addressing; a power of two
  int64_t mended_ = 0;
};

/// The key of a spelling as published protocols make it (rule R3): the MusicBrainz or service id, else
/// "trackname_" + artist + "||" + title.
std::string raw_track_key(const Spellings& spellings, int32_t spelling);
void add_raw_track_key(const Spellings& spellings, size_t spelling, std::string& text);
/// The same for its artist: the id, else "artistname_" + artist.
std::string raw_artist_key(const Spellings& spellings, int32_t spelling);

/// A number per spelling: equal where both raw keys are, in the order of first appearance.
std::vector<int32_t> raw_identity(const Spellings& spellings);

}  // namespace segue
