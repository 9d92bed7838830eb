#pragma once

#include <yaml-cpp/yaml.h>

#include <fmt/ranges.h>

#include <algorithm>
#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace segue {

/// Options structs name their fields once, in a member `template <class V> void fields(V&& field)` that calls
/// field("name", member) for each. Reading, writing and refusing unknown keys all follow from it.
namespace options_detail {

struct Reader {
  const YAML::Node& section;
  std::string_view name;
  std::vector<std::string> known;

  template <class T>
  void operator()(const char* key, T& value) {
    known.emplace_back(key);
    const YAML::Node given = section[key];
    if (!given) return;
    try {
      if constexpr (std::is_same_v<T, std::vector<std::string>>) value = given.IsScalar() ? T{given.as<std::string>()} : given.as<T>();
      else value = given.as<T>();
    } catch (const YAML::Exception&) {
      throw Error("{}.{}: '{}' is not a {}", name, key, YAML::Dump(given), kind<T>());
    }
  }

  template <class T>
  static const char* kind() {
    if constexpr (std::is_same_v<T, bool>) return "yes or no";
    else if constexpr (std::integral<T>) return "whole number";
    else if constexpr (std::floating_point<T>) return "number";
    else if constexpr (std::is_same_v<T, std::vector<std::string>>) return "list of names";
    else return "text";
  }
};

}  // namespace options_detail

/// Reads one section of a configuration into `options`; what is not given keeps its default. Throws Error on a key the
/// struct does not have and on a value of another kind.
template <class Options>
void read_options(const YAML::Node& section, std::string_view name, Options& options) {
  if (!section) return;
  if (!section.IsMap()) throw Error("{}: settings are wanted as 'key: value'", name);
  options_detail::Reader reader{section, name, {}};
  options.fields(reader);
  for (const auto& pair : section) {
    const auto key = pair.first.as<std::string>();
    if (std::find(reader.known.begin(), reader.known.end(), key) == reader.known.end()) {
      throw Error("{}: no setting '{}'; known: {}", name, key, fmt::join(reader.known, ", "));
    }
  }
}

/// Adds every setting of `options` to a section, as it would be read.
template <class Options>
void write_options(Options options, YAML::Node& section) {
  options.fields([&](const char* key, const auto& value) { section[key] = value; });
}

/// A configuration file (none if `file` is empty) with "section.key=value" settings over it.
YAML::Node read_config(const std::string& file, const std::vector<std::string>& settings);

}  // namespace segue
