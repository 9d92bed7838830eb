#include "core/options.h"

namespace segue {

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
    const size_t dot = setting.find('.'), equals = setting.find('=');
    if (dot == std::string::npos || equals == std::string::npos || dot > equals) {
      throw Error("--set {}: section.key=value is wanted, e.g. sessions.min_user=300", setting);
    }
    try {
      config[setting.substr(0, dot)][setting.substr(dot + 1, equals - dot - 1)] = YAML::Load(setting.substr(equals + 1));
    } catch (const YAML::Exception& bad) {
      throw Error("--set {}: {}", setting, bad.what());
    }
  }
  return config;
}

}  // namespace segue
