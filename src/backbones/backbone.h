#pragma once

#include <torch/nn/module.h>
#include <yaml-cpp/yaml.h>

#include <memory>

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
};

/// What a configuration says of a backbone, and the sizes that come from elsewhere.
struct BackboneSizes {
  int64_t width = 64;   // D
  int64_t length = 200; // most plays of a window
};
using MakeBackbone = std::shared_ptr<Backbone> (*)(const YAML::Node& section, const BackboneSizes& sizes, YAML::Node& resolved);
const Registry<MakeBackbone>& backbones();

}  // namespace segue
