#pragma once

#include <array>
#include <string>
#include <vector>

#include "listening/tracks.h"

namespace segue {

/// Makes a data folder that knows these tracks (artist, title, id) and nothing else.
inline void save_tracks(const Path& data, const std::vector<std::array<std::string, 3>>& named) {
  Tracks tracks;
  for (const auto& [artist, title, id] : named) tracks.add(artist, title, id);
  std::filesystem::create_directories(data);
  tracks.save(data / "tracks.parquet");
}

}  // namespace segue
