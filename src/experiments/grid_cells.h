#pragma once

#include "experiments/grid.h"

namespace segue {

// The variants of a grid, from its YAML. Errors say what is wrong, not in which file.

/// Sections of settings from a file beside the grid and from the grid; `given`: {config: FILE, section: {key: value}}.
YAML::Node base_of(const YAML::Node& given, const Path& beside);

/// The cells of `over` but for those of `except`, the last factor's values changing fastest. factors: what was varied.
std::vector<Variant> cells_of(const YAML::Node& over, const YAML::Node& except, const YAML::Node& base, const Path& beside, std::vector<Factor>& factors);

/// {name: NAME, config: FILE, section.key: value}
Variant named_variant(const YAML::Node& given, const YAML::Node& base, const Path& beside);

}  // namespace segue
