#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/files.h"

namespace segue {

/// A folder that an environment variable names, else one beside the source. Nothing from there is part of the project:
/// whoever has not got it skips the tests that read it.
inline Path folder_of(const char* variable, const char* beside) {
  const char* named = std::getenv(variable);
  return named != nullptr ? Path(named) : Path(SEGUE_SOURCE_DIR) / ".." / "shared" / beside;
}

inline Path oracles() { return folder_of("SEGUE_ORACLES", "oracles"); }  // figures made by programs that are not ours
inline Path real_data() { return folder_of("SEGUE_DATA", "data"); }      // logs of people
inline Path models() { return folder_of("SEGUE_MODELS", "models"); }      // pretrained weights
inline Path tools() { return folder_of("SEGUE_TOOLS", "tools"); }

/// Throws Error if the file is not there or is not JSON.
inline nlohmann::json read_json(const Path& path) {
  try {
    return nlohmann::json::parse(read_file(path));
  } catch (const nlohmann::json::exception& bad) {
    throw Error("{}: {}", path.string(), bad.what());
  }
}

/// Where `got` is not what `wanted` says: "path: wanted …, got …". What only `got` has does not count, nor does a key
/// that is in `silent`. Numbers with a fraction may differ by `tolerance`.
inline void compare(const nlohmann::json& wanted, const nlohmann::json& got, const std::string& path, double tolerance,
                    const std::vector<std::string>& silent, std::vector<std::string>& differences) {
  const auto differs = [&] { differences.push_back(path + ": wanted " + wanted.dump().substr(0, 120) + ", got " + got.dump().substr(0, 120)); };
  if (wanted.is_object() && got.is_object()) {
    for (const auto& [key, value] : wanted.items()) {
      if (std::find(silent.begin(), silent.end(), key) != silent.end()) continue;
      if (got.contains(key)) compare(value, got.at(key), path + "/" + key, tolerance, silent, differences);
      else differences.push_back(path + "/" + key + ": is missing");
    }
  } else if (wanted.is_array() && got.is_array() && wanted.size() == got.size()) {
    for (size_t i = 0; i < wanted.size(); ++i) {
      compare(wanted[i], got[i], path + "/" + std::to_string(i), tolerance, silent, differences);
    }
  } else if (wanted.is_number() && got.is_number() && (wanted.is_number_float() || got.is_number_float())) {
    if (!(std::abs(wanted.get<double>() - got.get<double>()) <= tolerance)) differs();
  } else if (wanted != got) {
    differs();
  }
}

/// The first differences in words; empty if there are none.
inline std::string differences_between(const nlohmann::json& wanted, const nlohmann::json& got, double tolerance,
                                       const std::vector<std::string>& silent = {}) {
  std::vector<std::string> all;
  compare(wanted, got, "", tolerance, silent, all);
  std::string text;
  for (size_t i = 0; i < all.size() && i < 10; ++i) text += all[i] + "\n";
  if (all.size() > 10) text += "and " + std::to_string(all.size() - 10) + " more\n";
  return text;
}

}  // namespace segue
