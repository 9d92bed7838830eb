#pragma once

#include <nlohmann/json.hpp>

#include "listening/import.h"

namespace segue {

/// True for a folder that `segue release` wrote, or for what is left of one.
bool is_release(const Path& folder);

struct ReadRelease {
  ImportReport report;           // of the logs it was made from
  nlohmann::ordered_json about;  // its release.json
  int64_t files = 0;             // that were verified
};

/// Makes a data folder of a release: equal to the one that was released, but for what it left out. Everything is verified before the
/// folder appears, whole. Throws Error: a file is missing or is not what it was (named), a release of another version, `data` holds
/// something already.
ReadRelease import_release(const Path& release, const Path& data);

nlohmann::ordered_json to_json(const ReadRelease& read);
std::string text_of(const ReadRelease& read);

}  // namespace segue
