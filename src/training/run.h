#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ranking/fused.h"
#include "sessions/prepared.h"
#include "training/trainer.h"

namespace segue {

/// A folder with a trained model: config.yaml (resolved), model.safetensors, tracks.parquet (whose row of the table of
/// ids is which track), mix.json (what model and counters weigh), metrics.json, log.ndjson,
/// README.md; while it learns checkpoints.
struct RunRequest {
  Path folder;
  YAML::Node config;  // sections
  uint64_t seed = 1;
  at::Device device = at::kCPU;
};

/// Learns a model from a prepared log into the folder, going on from a checkpoint that is there: the model from the part
/// `fit`, the mix with the counters from questions about the part `gate`, then the model once more over all of train;
/// last, the guard says which of them ships. Processes that torchrun started learn together; the first one writes, and is
/// the one that gets true. Throws Error where the folder holds a run of something else.
bool train_run(const Prepared& prepared, const RunRequest& request);

/// A trained model, its tracks numbered as those of a log.
struct Run {
  std::string name;      // of the folder
  std::string protocol, data_hash;
  std::string ships;     // mix, model or counters
  HeardParts heard;      // which parts of tracks the model hears
  uint64_t seed = 1;
  Configuration configuration;
  std::shared_ptr<SequenceModel> model;
  Teller teller;  // of the log's tracks, where the model is told in words; null: it is not
  std::optional<LearnedGate> mix;  // absent where all of train taught the model at once
};

/// The tracks of a log, as a data folder knows them; they must outlive what is made of them.
struct FolderTracks {
  Path data;                           // the folder, where signals lie
  const std::vector<int32_t>& number;  // [N] of each track of the log in the folder
  const Texts &artist, &title;         // [N]
};

/// Throws Error: no run, a damaged one, one of another data folder, a signal that is not there or of another space. Tracks that
/// the folder got since are known by what its signals say of them.
Run load_run(const Path& folder, const FolderTracks& tracks, at::Device device);

/// A run with all that its model reads while it is asked about a log, which must outlive it.
class OpenRun {
 public:
  /// recollection: what is recollected of listeners of the log, as ReadOptions has it.
  OpenRun(Run run, const Log& log, std::function<Recollection*(int32_t who)> recollection = {});
  const Run& run() const { return run_; }
  VectorModel& model() { return model_; }
  const VectorModel& model() const { return model_; }
  /// The rankers refer to this. asked: all questions that will be put to them.
  std::unique_ptr<Ranker> by_itself(std::span<const Asked> asked) const;
  std::unique_ptr<Ranker> mixed(const Lesson& lesson, std::span<const Asked> asked) const;
  /// What the run ships.
  std::unique_ptr<Ranker> shipped(const Lesson& lesson, std::span<const Asked> asked) const;
  /// The model as it is when it hears these parts of tracks, which it does from now on.
  VectorModel hearing(const HeardParts& parts) const;

 private:
  Run run_;
  PlayTable table_;
  std::function<Recollection*(int32_t who)> recollection_;
  VectorModel model_;
};

/// True for listeners whose validation cases stop learning early; those of the others guard what a run ships.
bool stops_early(const std::string& listener);

}  // namespace segue
