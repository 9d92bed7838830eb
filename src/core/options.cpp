#include "core/options.h"

namespace segue {

void set_option(YAML::Node& config, const std::string& key, const YAML::Node& value) {
  const size_t dot = key.find('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == key.size()) throw Error("{}: section.key is wanted, e.g. sessions.min_user", key);
  const std::string section = key.substr(0, dot);
  if (config[section] && (config[section].IsScalar() || config[section].IsSequence())) throw Error("{}: section '{}' is no map of settings", key, section);
  config[section][key.substr(dot + 1)] = value;
}

YAML::Node read_config(const std::string& file, const std::vector<std::string>& settings) {
  YAML::Node config(YAML::NodeType::Map);
  if (!file.empty()) {
    try {
      config = YAML::LoadFile(file);
    } catch (const YAML::Exception& bad) {
      throw Error("{}: {}", file, bad.what());
    }
    if (!config.IsMap()) throw Error("{}: sections with settings are wanted", file);
  }
  for (const auto& setting : settings) {
    const size_t equals = setting.find('=');
    if (equals == std::string::npos) throw Error("--set {}: section.key=value is wanted, e.g. sessions.min_user=300", setting);
    try {
      set_option(config, setting.substr(0, equals), YAML::Load(setting.substr(equals + 1)));
    } catch (const YAML::Exception& bad) {
      throw Error("--set {}: {}", setting, bad.what());
    } catch (const Error& bad) {
      throw Error("--set {}", bad.what());
    }
  }
  return config;
}

}  // namespace segue
