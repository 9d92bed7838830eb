#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "listening/tracks.h"

namespace segue {

/// The tracks of a data folder by id and by name_key.
class TrackIndex {
 public:
  /// corrections: spellings that are another track.
  TrackIndex(Tracks& tracks, const std::vector<Correction>& corrections);

  /// -1 where no track has it.
  int32_t by_id(std::string_view id) const;
  /// All tracks of these names, by number.
  const std::vector<int32_t>& by_names(std::string_view artist, std::string_view title) const;
  int32_t add(std::string_view artist, std::string_view title, std::string_view id);
  const Tracks& tracks() const { return tracks_; }

 private:
  void know(int32_t track);

  Tracks& tracks_;
  std::unordered_map<std::string, int32_t> ids_;
  std::unordered_map<std::string, std::vector<int32_t>> names_;
  std::unordered_map<std::string, std::string> corrected_;  // name_key to name_key
};

/// The corrections that a data folder keeps.
std::vector<Correction> corrections_of(const Path& data);

/// Tracks::load, or none where nothing was imported yet.
Tracks tracks_of(const Path& data);

/// "ARTIST - TITLE" as first spelled.
std::string name_of(const Tracks& tracks, int32_t track);

/// The one of `known` (ascending) that words mean: its number, "ARTIST - TITLE", or a part of that which no other has. Throws
/// Error where none is meant, or several. having: what `known` have, for that error.
int32_t find_track(const std::string& words, Tracks& tracks, const std::vector<int32_t>& known, const std::string& having);

/// Plays of each track of a data folder; empty where it has none.
std::vector<int64_t> plays_of_tracks(const Path& data, int32_t tracks);

}  // namespace segue
