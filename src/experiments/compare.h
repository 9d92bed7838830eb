#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/claims.h"
#include "evaluation/evaluate.h"
#include "experiments/comparison.h"
#include "experiments/grid.h"

namespace segue {

/// What a run will take.
struct RunWork {
  double operations = 0;     // of numbers, to learn it and to ask it; 0: not known
  int64_t memory_bytes = 0;  // of its weights and what learning keeps beside them
  bool language = false;     // whether a language model does nearly all of it
};

/// What learns and opens runs. Experiments know no tensors.
struct RunTools {
  /// A configuration with every default. Throws Error on what there is not.
  std::function<YAML::Node(const YAML::Node& config)> resolved;
  /// Learns a run into its folder, going on where it stopped.
  std::function<void(const Path& run, const YAML::Node& config, uint64_t seed)> learn;
  /// A trained run by itself and its mixes; names begin with that of the run's folder.
  std::function<std::vector<TrainedRanker>(const Path& run, uint64_t seed)> open;
  /// Writes `into`/README.md from the run's config.yaml and the results that lie in `into`.
  std::function<void(const Path& run, const Path& into)> describe;
  /// By arithmetic.
  std::function<RunWork(const YAML::Node& config)> work = {};
  /// Of a run on this machine, by a trial of a second or so.
  std::function<double()> seconds_of_an_operation = {};
};

struct CompareOptions {
  Path folder;
  uint64_t seed = 1;  // of the bootstrap
  int64_t resamples = 1000;
  ClaimOptions claims = {};
};

struct CompareResult {
  Comparison catalogue;
  std::optional<Comparison> everything;
};

struct Job;
/// What a grid asks for in a folder, without doing it. Throws what compare() throws before anything is learned.
std::vector<Job> checked_jobs(const Grid& grid, const Prepared& prepared, const RunTools& tools, const Path& folder);

/// Does what is missing of a grid and writes one table over all of it: comparison.json, table.md, table.csv,
/// page.html, figure.svg.
///
/// FOLDER/runs/NAME/seed-S is a run, with its answers (evaluation.json, ranks.parquet) once it was asked; those of rankers
/// that learn no vectors are in FOLDER/counters/NAME/seed-S. What is there is not done again. Several processes may call
/// this for one folder at once: they share the work through FOLDER/claims, and all of them end with the whole table.
/// A run begins when the one that it begins from has been learned, by whomever.
/// A run that fails leaves failed.json with the reason, which the table repeats; the next call tries it again.
/// Throws Error before anything is learned where the grid has a setting that there is not, or the folder holds runs of
/// other data, another protocol or other settings.
CompareResult compare(const Grid& grid, const Prepared& prepared, const RunTools& tools, const CompareOptions& options);

/// {…the document of the catalogue…, everything: {…}}.
std::string compare_json(const CompareResult& result);

}  // namespace segue
