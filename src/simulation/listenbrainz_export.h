#pragma once

#include <span>
#include <string>
#include <vector>

#include "simulation/walk.h"
#include "simulation/zip.h"

namespace segue::simulation {

/// ListenBrainz: user.json and one file of listens a month.
std::vector<ZipEntry> listenbrainz(const World& world, const std::string& listener, std::span<const Play> plays);

}  // namespace segue::simulation
