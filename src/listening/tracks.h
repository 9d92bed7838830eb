#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/table.h"
#include "listening/spellings.h"

namespace segue {

/// The tracks of a data folder: numbers never change once given.
struct Tracks {
  Texts artist, title;  // as first spelled
  Texts id;             // MusicBrainz or service id; empty where only the names are known
  std::vector<int64_t> length_ms;  // 0: unknown

  int32_t size() const { return static_cast<int32_t>(artist.size()); }
  int32_t add(std::string_view artist_name, std::string_view title_name, std::string_view track_id);

  /// Forgets all but the first n.
  void truncate(int32_t n);

  /// tracks.parquet: track, artist, title, id, length_ms.
  void save(const Path& path) const;
  static Tracks load(const Path& path);
  /// [tracks] length_ms alone.
  static std::vector<int64_t> load_lengths(const Path& path);
};

/// "This spelling is that track": a line of a file of corrections. Names are compared by their name_key.
struct Correction {
  std::string artist, title, same_as_artist, same_as_title;
};

/// A TSV or CSV table with the columns artist, title, same_as_artist, same_as_title. Throws Error on other columns.
std::vector<Correction> read_corrections(const Path& path);

/// Gives each spelling without a track (all of them if there are corrections) its track:
///  T1  a correction for its names, else
///  T2  the track with its id, else
///  T3  the first track with its name_key that has no id, or if the spelling has none, the first at all; a track
///      without an id takes the spelling's, else
///  T4  a new track.
void resolve_tracks(Spellings& spellings, Tracks& tracks, const std::vector<Correction>& corrections);

}  // namespace segue
