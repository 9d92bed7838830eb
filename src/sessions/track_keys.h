#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "listening/spellings.h"
#include "listening/tracks.h"

namespace segue {

/// What counts as one track under a protocol, and as one artist: numbers for the spellings of a data folder.
class TrackKeys {
 public:
  /// raw: keys as the logs spell them (rule R3); else the tracks of the data folder.
  TrackKeys(const Path& data, bool raw);

  int32_t of(int32_t spelling) const { return key_[static_cast<size_t>(spelling)]; }
  /// A number per (artist key, track key): what step P5 and the duplicates of C2 compare.
  int32_t pair_of(int32_t spelling) const { return pair_[static_cast<size_t>(spelling)]; }
  int32_t count() const { return static_cast<int32_t>(spelling_of_.size()); }
  int32_t pairs() const { return pairs_; }

  /// The key in words: MusicBrainz or service id, else "trackname_" + artist + "||" + title.
  std::string text(int32_t key) const;
  std::string_view artist(int32_t key) const;
  std::string_view title(int32_t key) const;
  /// The track of the data folder that the key's first spelling belongs to.
  int32_t track(int32_t key) const { return spellings_.track[first(key)]; }
  /// Length that the logs or files say, 0 if none.
  int64_t length_ms(int32_t key) const { return tracks_.length_ms[static_cast<size_t>(track(key))]; }
  const Spellings& spellings() const { return spellings_; }

  /// The given keys sorted by the bytes of their texts.
  std::vector<int32_t> sorted_by_text(std::vector<int32_t> keys) const;
  /// The given keys in the order in which a protocol numbers its tracks: raw ones by artist, title, text; else by
  /// their numbers in the data folder.
  std::vector<int32_t> in_catalogue_order(std::vector<int32_t> keys) const;

 private:
  void number_keys();
  size_t first(int32_t key) const { return static_cast<size_t>(spelling_of_[static_cast<size_t>(key)]); }

  bool raw_;
  Spellings spellings_;
  Tracks tracks_;
  std::vector<int32_t> key_, pair_;  // [spellings]
  std::vector<int32_t> spelling_of_;  // [keys] the first spelling with the key
  int32_t pairs_ = 0;
};

}  // namespace segue
