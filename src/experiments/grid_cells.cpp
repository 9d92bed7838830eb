#include "experiments/grid_cells.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "core/options.h"
#include "core/set_option.h"

namespace segue {
namespace {

constexpr size_t most_cells = 100'000;

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

/// given: {config: FILE, section.key: value}, and a name, which is no setting.
void set_all(Variant& variant, const YAML::Node& given, const Path& beside) {
  if (given["config"]) {
    add_config_file(variant.config, given["config"].as<std::string>(), beside);
    variant.settings.push_back("config=" + given["config"].as<std::string>());
  }
  for (const auto& pair : given) {
    const auto key = pair.first.as<std::string>();
    if (key != "name" && key != "config") set(variant, key, pair.second);
  }
}

/// One value of a factor: what a cell that has it is called, and what it sets.
struct FactorValue {
  std::string name, in_name;
  YAML::Node settings;  // {config: FILE, section.key: value}
};

/// A key with a list of values, or a name with named settings.
struct Varied {
  std::string name;
  std::vector<FactorValue> values;
};

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

Varied varied_by_key(const std::string& key, const YAML::Node& values, const YAML::Node& over) {
  Varied varied{key, {}};
  for (const auto& value : values) {
    YAML::Node settings(YAML::NodeType::Map);
    settings[key] = YAML::Clone(value);
    const auto text = text_of(key, value);
    varied.values.push_back({text, part_of_name(key, text, over), settings});
  }
  return varied;
}

Varied varied_by_name(const std::string& name, const YAML::Node& values) {
  Varied varied{name, {}};
  for (const auto& pair : values) {
    const auto value = pair.first.as<std::string>();
    if (!pair.second.IsMap()) throw Error("over.{}.{}: settings are wanted as '{{section.key: value}}', or {{}}", name, value);
    varied.values.push_back({value, plain(value), pair.second});
  }
  return varied;
}

std::vector<Varied> varied_in(const YAML::Node& over) {
  if (!over.IsMap() || over.size() == 0) throw Error("over: lists are wanted as 'section.key: [value, value]', or 'name: {{value: {{section.key: value}}}}'");
  std::vector<Varied> all;
  for (const auto& pair : over) {
    const auto key = pair.first.as<std::string>();
    if (pair.second.size() == 0 || pair.second.IsScalar()) throw Error("over.{}: a list of values is wanted, e.g. [64, 128], or named ones with their settings", key);
    all.push_back(pair.second.IsSequence() ? varied_by_key(key, pair.second, over) : varied_by_name(key, pair.second));
  }
  return all;
}

/// Combinations that are left out: of some factors, values of which a cell has one each.
std::vector<std::vector<std::vector<std::string>>> exceptions_in(const YAML::Node& except, const std::vector<Factor>& factors) {
  std::vector<std::vector<std::vector<std::string>>> all;
  if (!except) return all;
  if (!except.IsSequence()) throw Error("except: a list is wanted, each as {{factor: value, factor: [value, value]}}");
  for (const auto& one : except) {
    if (!one.IsMap() || one.size() == 0) throw Error("except: '{}' is not {{factor: value}}", YAML::Dump(one));
    auto& values = all.emplace_back(factors.size());
    for (const auto& pair : one) {
      const auto name = pair.first.as<std::string>();
      const auto factor = std::find_if(factors.begin(), factors.end(), [&](const Factor& f) { return f.name == name; });
      if (factor == factors.end()) throw Error("except: nothing is varied under '{}'", name);
      auto& named = values[static_cast<size_t>(factor - factors.begin())];
      named = pair.second.IsScalar() ? std::vector{pair.second.as<std::string>()} : pair.second.as<std::vector<std::string>>();
      for (const auto& value : named) {
        if (std::find(factor->values.begin(), factor->values.end(), value) == factor->values.end()) {
          throw Error("except.{}: no value '{}'; known: {}", name, value, fmt::join(factor->values, ", "));
        }
      }
    }
  }
  return all;
}

bool matches(const std::vector<std::string>& cell, const std::vector<std::vector<std::string>>& exception) {
  for (size_t f = 0; f < cell.size(); ++f) {
    if (!exception[f].empty() && std::find(exception[f].begin(), exception[f].end(), cell[f]) == exception[f].end()) return false;
  }
  return true;
}

/// A variant with what a value sets beside what it had.
Variant with(const Variant& shorter, const FactorValue& value, const Path& beside) {
  Variant longer{shorter.name, shorter.settings, YAML::Clone(shorter.config), shorter.values};
  set_all(longer, value.settings, beside);
  if (!longer.name.empty()) longer.name += '-';
  longer.name += value.in_name;
  longer.values.push_back(value.name);
  return longer;
}

}  // namespace

std::vector<Variant> cells_of(const YAML::Node& over, const YAML::Node& except, const YAML::Node& base, const Path& beside, std::vector<Factor>& factors) {
  if (!over) {
    if (except) throw Error("except: without 'over' there is nothing to leave out");
    return {};
  }
  std::vector<Variant> all{{"", {}, YAML::Clone(base)}};
  for (const auto& varied : varied_in(over)) {
    std::vector<Variant> more;
    for (const auto& shorter : all) {
      for (const auto& value : varied.values) more.push_back(with(shorter, value, beside));
    }
    if (more.size() > most_cells) throw Error("over: more than {} combinations", most_cells);
    all = std::move(more);
    auto& factor = factors.emplace_back(Factor{varied.name, {}});
    for (const auto& value : varied.values) factor.values.push_back(value.name);
  }
  const auto exceptions = exceptions_in(except, factors);
  std::vector<Variant> left;  // not erased from `all`: assigning one YAML::Node to another changes what others of it hold
  std::copy_if(all.begin(), all.end(), std::back_inserter(left), [&](const Variant& cell) {
    return std::none_of(exceptions.begin(), exceptions.end(), [&](const auto& exception) { return matches(cell.values, exception); });
  });
  if (left.empty()) throw Error("except: nothing of the grid is left");
  return left;
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

Variant named_variant(const YAML::Node& given, const YAML::Node& base, const Path& beside) {
  if (!given.IsMap() || !given["name"] || !given["name"].IsScalar()) throw Error("variants: each wants a name: '{}'", YAML::Dump(given));
  Variant variant{given["name"].as<std::string>(), {}, YAML::Clone(base)};
  if (variant.name.empty() || plain(variant.name) != variant.name || variant.name.front() == '.') {
    throw Error("variants: '{}' can't be a folder's name; letters, digits, '-', '_' and '.' would work", variant.name);
  }
  set_all(variant, given, beside);
  return variant;
}

}  // namespace segue
