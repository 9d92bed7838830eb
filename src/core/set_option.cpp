#include "core/set_option.h"

#include "core/error.h"

namespace segue {

void set_option(YAML::Node& config, const std::string& key, const YAML::Node& value) {
  const size_t dot = key.find('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == key.size()) throw Error("{}: section.key is wanted, e.g. sessions.min_user", key);
  const std::string section = key.substr(0, dot);
  if (config[section] && (config[section].IsScalar() || config[section].IsSequence())) throw Error("{}: section '{}' is no map of settings", key, section);
  config[section][key.substr(dot + 1)] = value;
}

}  // namespace segue
