#pragma once

#include <yaml-cpp/yaml.h>

#include <string>

namespace segue {

/// Sets "section.key" of a configuration. Throws Error where the key is none, or its section holds no settings.
void set_option(YAML::Node& config, const std::string& key, const YAML::Node& value);

}  // namespace segue
