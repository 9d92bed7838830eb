#include "core/options.h"

#include "core/set_option.h"

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
