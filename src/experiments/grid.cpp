#include "experiments/grid.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/options.h"
#include "core/set_option.h"

namespace segue {
namespace {

template <class Value>
void read(const YAML::Node& grid, const char* key, Value& into) {
  if (!grid[key]) return;
  try {
    into = grid[key].as<Value>();
  } catch (const YAML::Exception&) {
    throw Error("{}: '{}' is not what is wanted there", key, YAML::Dump(grid[key]));
  }
}

void refuse_unknown(const YAML::Node& map, const std::vector<std::string>& known, const std::string& what) {
  for (const auto& pair : map) {
    const auto key = pair.first.as<std::string>();
    if (std::find(known.begin(), known.end(), key) == known.end()) throw Error("{} '{}'; known: {}", what, key, fmt::join(known, ", "));
  }
}

/// Only what may be in a name of a folder.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    out += fits ? c : '_';
  }
  return out;
}

void add_config_file(YAML::Node& config, const std::string& file, const Path& beside) {
  const YAML::Node more = read_config((beside / file).string(), {});
  for (const auto& section : more) {
    if (!section.second.IsMap()) throw Error("{}: section '{}' is no map of settings", file, section.first.as<std::string>());
    for (const auto& pair : section.second) set_option(config, section.first.as<std::string>() + "." + pair.first.as<std::string>(), pair.second);
  }
}

/// A value as it would be given on the command line: a word, or a list of words.
std::string text_of(const std::string& key, const YAML::Node& value) {
  if (value.IsScalar()) return value.as<std::string>();
  const bool words = value.IsSequence() && std::all_of(value.begin(), value.end(), [](const YAML::Node& one) { return one.IsScalar(); });
  if (!words) throw Error("{}: a value is wanted, or a list of them, not '{}'", key, YAML::Dump(value));
  return fmt::format("[{}]", fmt::join(value.as<std::vector<std::string>>(), ", "));
}

void set(Variant& variant, const std::string& key, const YAML::Node& value) {
  variant.settings.push_back(key + "=" + text_of(key, value));
  set_option(variant.config, key, YAML::Clone(value));
}

YAML::Node base_of(const YAML::Node& given, const Path& beside) {
  YAML::Node config(YAML::NodeType::Map);
  if (!given) return config;
  if (!given.IsMap()) throw Error("base: sections with settings are wanted, or config: FILE");
  if (given["config"]) add_config_file(config, given["config"].as<std::string>(), beside);
  for (const auto& section : given) {
    const auto name = section.first.as<std::string>();
    if (name == "config") continue;
    if (!section.second.IsMap()) throw Error("base.{}: settings are wanted as 'key: value'", name);
    for (const auto& pair : section.second) set_option(config, name + "." + pair.first.as<std::string>(), pair.second);
  }
  return config;
}

/// What a value adds to the name of its variant: "sasrec" for backbone.name, "width-64" for items.width; the whole key
/// where another one ends alike.
std::string part_of_name(const std::string& key, const std::string& value, const YAML::Node& over) {
  const std::string last = key.substr(key.find('.') + 1);
  if (last == "name") return plain(value);
  int alike = 0;
  for (const auto& pair : over) {
    const auto other = pair.first.as<std::string>();
    alike += other.substr(other.find('.') + 1) == last;
  }
  return plain((alike > 1 ? key : last) + "-" + value);
}

/// Every combination, the last key's values changing fastest.
std::vector<Variant> product_of(const YAML::Node& over, const YAML::Node& base) {
  if (!over) return {};
  if (!over.IsMap() || over.size() == 0) throw Error("over: lists are wanted as 'section.key: [value, value]'");
  std::vector<Variant> all{{"", {}, YAML::Clone(base)}};
  for (const auto& pair : over) {
    const auto key = pair.first.as<std::string>();
    if (!pair.second.IsSequence() || pair.second.size() == 0) throw Error("over.{}: a list of values is wanted, e.g. [64, 128]", key);
    std::vector<Variant> more;
    for (const auto& shorter : all) {
      for (const auto& value : pair.second) {
        Variant longer{shorter.name, shorter.settings, YAML::Clone(shorter.config)};
        set(longer, key, value);
        if (!longer.name.empty()) longer.name += '-';
        longer.name += part_of_name(key, text_of(key, value), over);
        more.push_back(std::move(longer));
      }
    }
    all = std::move(more);
  }
  return all;
}

Variant named_variant(const YAML::Node& given, const YAML::Node& base, const Path& beside) {
  if (!given.IsMap() || !given["name"] || !given["name"].IsScalar()) throw Error("variants: each wants a name: '{}'", YAML::Dump(given));
  Variant variant{given["name"].as<std::string>(), {}, YAML::Clone(base)};
  if (variant.name.empty() || plain(variant.name) != variant.name || variant.name.front() == '.') {
    throw Error("variants: '{}' can't be a folder's name; letters, digits, '-', '_' and '.' would work", variant.name);
  }
  if (given["config"]) {
    add_config_file(variant.config, given["config"].as<std::string>(), beside);
    variant.settings.push_back("config=" + given["config"].as<std::string>());
  }
  for (const auto& pair : given) {
    const auto key = pair.first.as<std::string>();
    if (key != "name" && key != "config") set(variant, key, pair.second);
  }
  return variant;
}

std::vector<Variant> variants_of(const YAML::Node& grid, const Path& beside) {
  const YAML::Node base = base_of(grid["base"], beside);
  auto all = product_of(grid["over"], base);
  if (const YAML::Node named = grid["variants"]; named) {
    if (!named.IsSequence()) throw Error("variants: a list is wanted, each as {{name: NAME, section.key: value}}");
    for (const auto& one : named) all.push_back(named_variant(one, base, beside));
  }
  if (all.empty()) all.push_back({"base", {}, base});
  std::set<std::string> names;
  for (const auto& variant : all) {
    if (!names.insert(variant.name).second) throw Error("two variants are called '{}': give them names under 'variants'", variant.name);
  }
  return all;
}

Grid grid_from(const YAML::Node& given, const std::string& file) {
  if (!given.IsMap()) throw Error("a grid is wanted: data, protocol, seeds, base, over");
  refuse_unknown(given, {"data", "protocol", "part", "seeds", "rankers", "base", "over", "variants"}, "no key");
  Grid grid;
  grid.file = file;
  const Path beside = Path(file).parent_path();
  std::string data;
  read(given, "data", data);
  if (!data.empty()) grid.data = beside / data;
  read(given, "protocol", grid.protocol);
  read(given, "part", grid.part);
  if (grid.part != "test" && grid.part != "val") throw Error("part: '{}'; known: test, val", grid.part);
  read(given, "seeds", grid.seeds);
  read(given, "rankers", grid.rankers);
  if (grid.seeds.empty()) throw Error("seeds: at least one is wanted, for claims five");
  if (std::set<uint64_t>(grid.seeds.begin(), grid.seeds.end()).size() != grid.seeds.size()) throw Error("seeds: one stands there twice");
  grid.variants = variants_of(given, beside);
  return grid;
}

}  // namespace

Grid read_grid(const std::string& file) {
  const std::string text = read_file(file);
  try {
    return grid_from(YAML::Load(text), file);
  } catch (const YAML::Exception& bad) {
    throw Error("{}: {}", file, bad.what());
  } catch (const Error& bad) {
    throw Error("{}: {}", file, bad.what());
  }
}

}  // namespace segue
