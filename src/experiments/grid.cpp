#include "experiments/grid.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/error.h"
#include "experiments/grid_cells.h"

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

/// Behind each variant those that begin from it. Throws Error where they go round in a circle or begin from none of the grid.
std::vector<Variant> in_order(const std::vector<Variant>& given) {
  std::vector<Variant> all;
  std::set<std::string> placed, names;
  for (const auto& variant : given) {
    if (!names.insert(variant.name).second) throw Error("two variants are called '{}': give them names under 'variants'", variant.name);
  }
  while (all.size() < given.size()) {
    const size_t before = all.size();
    for (const auto& variant : given) {
      const auto from = begins_from(variant.config);
      if (!from.empty() && !names.contains(from)) throw Error("{}: items.from: no variant '{}' in the grid; define it under 'variants'", variant.name, from);
      if (placed.contains(variant.name) || (!from.empty() && !placed.contains(from))) continue;
      all.push_back(variant);
      placed.insert(variant.name);
    }
    if (all.size() == before) throw Error("items.from: variants begin from each other in a circle");
  }
  return all;
}

std::vector<Variant> variants_of(const YAML::Node& grid, const Path& beside, std::vector<Factor>& factors) {
  const YAML::Node base = base_of(grid["base"], beside);
  auto all = cells_of(grid["over"], grid["except"], base, beside, factors);
  if (const YAML::Node named = grid["variants"]; named) {
    if (!named.IsSequence()) throw Error("variants: a list is wanted, each as {{name: NAME, section.key: value}}");
    for (const auto& one : named) all.push_back(named_variant(one, base, beside));
  }
  if (all.empty()) all.push_back({"base", {}, base});
  return in_order(all);
}

std::vector<RecordedFile> recorded_in(const YAML::Node& recorded, const Path& beside) {
  std::vector<RecordedFile> all;
  if (!recorded) return all;
  if (!recorded.IsSequence()) throw Error("recorded: a list is wanted, each as {{file: FILE, cases: 638, candidates: 200}}");
  for (const auto& one : recorded) {
    if (!one.IsMap() || !one["file"]) throw Error("recorded: '{}' names no file", YAML::Dump(one));
    refuse_unknown(one, {"file", "cases", "candidates"}, "recorded: no key");
    auto& into = all.emplace_back();
    std::string file;
    read(one, "file", file);
    into.file = beside / file;
    read(one, "cases", into.cases);
    read(one, "candidates", into.candidates);
  }
  return all;
}

Grid grid_from(const YAML::Node& given, const std::string& file) {
  if (!given.IsMap()) throw Error("a grid is wanted: data, protocol, seeds, base, over");
  refuse_unknown(given, {"data", "protocol", "part", "seeds", "rankers", "base", "over", "except", "variants", "recorded"}, "no key");
  Grid grid;
  grid.file = file;
  const Path beside = Path(file).parent_path();
  std::string data;
  read(given, "data", data);
  if (!data.empty()) grid.data = beside / data;
  if (given["protocol"] && given["protocol"].IsSequence()) read(given, "protocol", grid.protocols);
  else read(given, "protocol", grid.protocols.front());
  if (grid.protocols.empty()) throw Error("protocol: one is wanted, or a list of them");
  read(given, "part", grid.part);
  if (grid.part != "test" && grid.part != "val") throw Error("part: '{}'; known: test, val", grid.part);
  read(given, "seeds", grid.seeds);
  read(given, "rankers", grid.rankers);
  if (grid.seeds.empty()) throw Error("seeds: at least one is wanted, for claims five");
  if (std::set<uint64_t>(grid.seeds.begin(), grid.seeds.end()).size() != grid.seeds.size()) throw Error("seeds: one stands there twice");
  grid.recorded = recorded_in(given["recorded"], beside);
  grid.variants = variants_of(given, beside, grid.factors);
  return grid;
}

}  // namespace

std::string begins_from(const YAML::Node& config) {
  const YAML::Node from = config["items"] ? config["items"]["from"] : YAML::Node();
  const auto text = from.IsDefined() && from.IsScalar() ? from.as<std::string>() : std::string();
  return text.starts_with("run:") ? text.substr(4) : std::string();
}

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
