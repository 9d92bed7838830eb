#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/files.h"
#include "experiments/factor_effects.h"

namespace segue {

/// One configuration of a grid.
struct Variant {
  std::string name;                    // also of its folder
  std::vector<std::string> settings;   // "items.width=64": what sets it apart
  YAML::Node config;                   // sections, the grid's base included
  std::vector<std::string> values = {};  // of every factor, where it is a cell of the grid
};

/// Results of others, to stand beside it.
struct RecordedFile {
  Path file;
  int64_t cases = 0, candidates = 0;  // where the file does not say; 0: unknown
};

/// Many runs that are to stand in one table.
struct Grid {
  std::string file;
  Path data;  // of prepared data; relative ones are looked for beside the file
  std::vector<std::string> protocols{"segue"};
  std::string part = "test";
  std::vector<uint64_t> seeds{1, 2, 3, 4, 5};
  std::vector<std::string> rankers;  // that learn no vectors; empty: all
  std::vector<Factor> factors;       // of `over`
  std::vector<RecordedFile> recorded;
  std::vector<Variant> variants;     // each behind those that it begins from
};

/// Reads
///   data: DATA, protocol: NAME or [NAME, …], part: test, seeds: [1, 2], rankers: [popular, …],
///   base: {config: FILE, section: {key: value}},
///   over: {section.key: [value, …], factor: {value: {config: FILE, section.key: value}, …}, …}   every combination is a variant
///   except: [{factor: value, factor: [value, …]}, …]                                             but for those that have all of one of these
///   variants: [{name: NAME, config: FILE, section.key: value}, …]
///   recorded: [{file: FILE, cases: 638, candidates: 200}, …]                                    as audit reads them
/// items.from may say run:NAME, a variant of the grid: its run under the same seed.
/// Throws Error that names the place: no such key, a value of another kind, two variants of one name.
Grid read_grid(const std::string& file);

/// The variant that a configuration begins from (items.from: run:NAME); empty: none.
std::string begins_from(const YAML::Node& config);

/// Leaves as few cells of the grid as it takes for every two values of two factors to occur together wherever the grid has them
/// together, chosen greedily in the grid's order; and all variants that are no cells.
Grid pairwise(const Grid& grid);

}  // namespace segue
