#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/files.h"

namespace segue {

/// One configuration of a grid.
struct Variant {
  std::string name;                    // also of its folder
  std::vector<std::string> settings;   // "items.width=64": what sets it apart
  YAML::Node config;                   // sections, the grid's base included
};

/// Many runs that are to stand in one table.
struct Grid {
  std::string file;
  Path data;  // of prepared data; relative ones are looked for beside the file
  std::string protocol = "segue", part = "test";
  std::vector<uint64_t> seeds{1, 2, 3, 4, 5};
  std::vector<std::string> rankers;  // that learn no vectors; empty: all
  std::vector<Variant> variants;
};

/// Reads
///   data: DATA, protocol: NAME, part: test, seeds: [1, 2], rankers: [popular, …],
///   base: {config: FILE, section: {key: value}},
///   over: {section.key: [value, …], …}              every combination is a variant
///   variants: [{name: NAME, config: FILE, section.key: value}, …]
/// Throws Error that names the place: no such key, a value of another kind, two variants of one name.
Grid read_grid(const std::string& file);

}  // namespace segue
