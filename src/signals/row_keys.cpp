#include "signals/row_keys.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.h"

namespace segue {
namespace {

const std::vector<std::string> title_columns{"title", "track", "track_name", "name"};
const std::vector<std::string> id_columns{"id", "track_id", "mbid", "recording_mbid"};

std::string first_of(const std::vector<std::string>& wanted, const std::vector<std::string>& there) {
  for (const auto& name : wanted) {
    if (std::find(there.begin(), there.end(), name) != there.end()) return name;
  }
  return {};
}

}  // namespace

KeyColumns::KeyColumns(const std::vector<std::string>& there, const Path& file)
    : artist(first_of({"artist", "artist_name"}, there)), title(first_of(title_columns, there)), id(first_of(id_columns, there)) {
  if ((artist.empty() || title.empty()) && id.empty()) {
    throw Error("{}: which track is a row of? Columns artist and title, or id, are wanted; found: {}", file.string(), fmt::join(there, ", "));
  }
}

std::vector<std::string> KeyColumns::wanted() const { return {"?" + artist, "?" + title, "?" + id}; }

int32_t RowKeys::track_of(size_t i, const TrackIndex& index) const {
  if (const int32_t track = index.by_id(id[i]); track >= 0) return track;
  const auto& same = index.by_names(artist[i], title[i]);
  return artist[i].empty() || title[i].empty() || same.empty() ? -1 : same.front();
}

}  // namespace segue
