#pragma once

#include <string>
#include <vector>

#include "sessions/prepared.h"
#include "training/trainer.h"

namespace segue {

/// A folder with a trained model: config.yaml (resolved), model.safetensors, tracks.parquet (whose row of the table of
/// ids is which track), metrics.json, log.ndjson, README.md; while it learns checkpoint.safetensors.
struct RunRequest {
  Path folder;
  YAML::Node config;  // sections
  uint64_t seed = 1;
  at::Device device = at::kCPU;
};

/// Learns a model from a prepared log into the folder, going on from a checkpoint that is there; together with the other
/// processes that torchrun started, of which the first writes. Returns whether it was this one. Throws Error where the
/// folder holds a run of something else.
bool train_run(const Prepared& prepared, const RunRequest& request);

/// A trained model, its tracks numbered as those of a log.
struct Run {
  std::string name;      // of the folder
  std::string protocol, data_hash;
  uint64_t seed = 1;
  Configuration configuration;
  std::shared_ptr<SequenceModel> model;
};

/// data_track: [N] of each track of the log its number in the data folder; artist, title: [N] to check that it is the
/// folder which the run learned from. Throws Error: no run, a damaged one, one of another data folder.
Run load_run(const Path& folder, const std::vector<int32_t>& data_track, const Texts& artist, const Texts& title, at::Device device);

/// True for listeners whose validation cases stop learning early; those of the others guard what a run ships.
bool stops_early(const std::string& listener);

/// The validation cases of one half of the listeners.
std::vector<Case> half_of(const Prepared& prepared, bool early);

}  // namespace segue
