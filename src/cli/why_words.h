#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "listening/tracks.h"
#include "ranking/recommend.h"

namespace segue {

/// {rank, without: [{kind: play|counter|model|signal|id, name or track, artist, title, played; score, rank}]}, the furthest
/// back first. log: whose plays the causes number; its tracks are those of `tracks`.
nlohmann::ordered_json why_json(const Recommended& one, const Log& log, const Tracks& tracks);

/// The strongest causes in one line, to be printed.
std::string why_text(const Recommended& one, const Log& log, const Tracks& tracks);

}  // namespace segue
