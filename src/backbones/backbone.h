#pragma once

#include <torch/nn/module.h>
#include <yaml-cpp/yaml.h>

#include <memory>

#include "core/files.h"
#include "core/registry.h"
#include "fusion/batch.h"

namespace segue {

/// Reads a run of plays in order and, at every position, answers: what will come next?
class Backbone : public torch::nn::Module {
 public:
  /// plays   float [B, T, D]  vectors of the plays, oldest first; batch.played is false where padded
  /// returns float [B, T, D]  the state after each position, to be scored against item vectors; padding undefined
  virtual Tensor forward(const Batch& batch, const Tensor& plays) = 0;

  /// True if position t sees only plays 0 … t: trained on the next play at every position. Otherwise trained on hidden
  /// plays, and asked by a hidden play behind the last one.
  virtual bool causal() const { return true; }

  /// Writes what other programs read of it into the folder of a run, beside the weights.
  virtual void write_beside(const Path& folder) const { (void)folder; }
};

/// What a configuration says of a backbone, and the sizes that come from elsewhere.
struct BackboneSizes {
  int64_t width = 64;   // D
  int64_t length = 200; // most plays of a window
};
/// A row of the registry.
struct BackboneRow {
  /// Its settings with every default written out. Throws Error on one that it does not have or that can't be.
  YAML::Node (*resolve)(const YAML::Node& section, int64_t width);
  std::shared_ptr<Backbone> (*make)(const YAML::Node& section, const BackboneSizes& sizes);
};
const Registry<BackboneRow>& backbones();

}  // namespace segue
