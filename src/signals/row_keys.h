#pragma once

#include <string>
#include <vector>

#include "core/table.h"
#include "signals/track_index.h"

namespace segue {

/// Which columns of a table that others made say of which track a row is: artist and title (or `track`, …), id, or all three.
struct KeyColumns {
  std::string artist, title, id;  // empty where there is no such column
  /// there: the table's columns. Throws Error where they don't name a track.
  KeyColumns(const std::vector<std::string>& there, const Path& file);
  bool is(const std::string& column) const { return column == artist || column == title || column == id; }
  /// The three as read_delimited() wants them; those that are not there come out empty.
  std::vector<std::string> wanted() const;
};

/// What the rows of a table call their tracks.
struct RowKeys {
  Texts artist, title, id;  // [rows] empty where not said

  /// The track of row i: by id, else the first of these names; -1 where none is.
  int32_t track_of(size_t i, const TrackIndex& index) const;
};

}  // namespace segue
