#pragma once

#include <string>

#include "simulation/walk.h"

namespace segue::simulation {

/// One play in words.
struct Written {
  const Artist& artist;
  const Album& album;
  const Track& track;
  const std::string& title;
  std::string mbid;  // of the track; empty where there is none or it was lost
  int64_t end_s;
};
Written written(const World& world, const Play& play);

}  // namespace segue::simulation
