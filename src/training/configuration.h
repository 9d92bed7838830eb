#pragma once

#include <memory>
#include <string>

#include "backbones/sequence_model.h"
#include "ranking/fused.h"
#include "training/adam.h"
#include "training/objectives.h"
#include "training/sampler.h"

namespace segue {

/// How long and how carefully a model learns.
struct TrainingOptions {
  double epochs = 8;               // 0.1: a tenth of one
  int64_t positions = 0;           // at most so many targets before the refit, an equal budget for models of all kinds; 0: as many as epochs have
  double warm_up = 0.05;           // share of all steps in which the rate rises; it falls by a cosine afterwards
  double last_rate = 0.05;         // share of the rate that is left at the end
  int64_t patience = 4;            // validations without a better one, after which learning ends
  double validate_every = 1;       // epochs
  int64_t validation_cases = 4000; // of the listeners that early stopping looks at
  int64_t checkpoint_every = 200;  // steps
  int64_t shards = 0;              // of a batch, computed side by side and summed in order; 0: 4 on the CPU (2 of gru4rec), 1 on a GPU
  std::string learn_from = "fit";  // fit: leaves the last tenth of train to the mix with the counters; train: all of it, and no mix
  int64_t refit_epochs = 3;        // after fit, when the mix was learned: more epochs over all of train
  double refit_rate = 0.5;         // share of the rates at which they begin
  template <class V>
  void fields(V&& field) {
    field("epochs", epochs);
    field("positions", positions);
    field("warm_up", warm_up);
    field("last_rate", last_rate);
    field("patience", patience);
    field("validate_every", validate_every);
    field("validation_cases", validation_cases);
    field("checkpoint_every", checkpoint_every);
    field("shards", shards);
    field("learn_from", learn_from);
    field("refit_epochs", refit_epochs);
    field("refit_rate", refit_rate);
  }
};

/// All settings of a run, one section per thing; what is not given has its default.
struct Configuration {
  ItemVectors::Options items;
  std::string fusion = "gated";
  Fusion::Options fusion_options;
  PlayVectors::Options plays;
  std::string backbone = "sasrec";
  YAML::Node backbone_section;
  Sampler::Options windows;
  std::string objective = "sampled";
  Objective::Options objective_options;
  Adam::Options optimiser;
  TrainingOptions training;
  Finish::Options finish;
  Fused::Options mix;

  /// Throws Error on a section or a key that there is not.
  explicit Configuration(const YAML::Node& given);
  /// With every default written out.
  YAML::Node resolved() const;
  /// With as many epochs of so many targets as training.positions allows.
  Configuration within_budget(int64_t targets) const;
  /// For going on over all of train once the mix was learned.
  Configuration of_refit() const;
};

/// A model with fresh weights by the seed. row: [N] of each track in the table of ids, -1 where it has none. signals: what
/// items.signals names, of the tracks of the log.
std::shared_ptr<SequenceModel> make_model(const Configuration& configuration, std::vector<int32_t> row, int64_t rows, uint64_t seed, TrackSignals signals = {});

/// A model that shares the weights of another, made by the same configuration, but has gradients of its own.
std::shared_ptr<SequenceModel> replica_of(const SequenceModel& model, const Configuration& configuration);

/// All weights by name: parameters and the table of ids.
NamedTensors weights_of(const SequenceModel& model);

}  // namespace segue
