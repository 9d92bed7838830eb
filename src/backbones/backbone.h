#pragma once

#include <torch/nn/module.h>
#include <yaml-cpp/yaml.h>

#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "core/files.h"
#include "core/registry.h"
#include "core/table.h"
#include "fusion/windows.h"

namespace segue {

/// What a backbone keeps of the plays of one listener that it has read, so that what follows them need not be read with them.
struct Recollection {
  Tensor plays = {};   // float [P, D] as they were read; undefined: none
  Tensor inside = {};  // what was made of them
  int64_t read = 0;    // plays that were read in all
};

/// Reads a run of plays in order and, at every position, answers: what will come next?
class Backbone : public torch::nn::Module {
 public:
  /// plays   float [B, T, D]  vectors of the plays, oldest first; batch.played is false where padded
  /// returns float [B, T, D]  the state after each position, to be scored against item vectors; padding undefined
  virtual Tensor forward(const Batch& batch, const Tensor& plays) = 0;

  /// The same at some places only: int64 [m] of b · T + t → float [m, D].
  virtual Tensor states_at(const Batch& batch, const Tensor& plays, const Tensor& places);

  /// What all rows of all batches read alike, with gradient, to be worked out once for many: they find it in
  /// batch.preface. Empty where there is nothing of the kind; a batch without it is answered all the same.
  virtual std::vector<Tensor> preface() { return {}; }

  /// Whether it can go on from what it has read, with go_on().
  virtual bool recollects() const { return false; }
  /// The states after the last play of each row, float [B, D]. A row's recollection is of the same plays from the first on, or of
  /// some of them, or of others: what is the same is not read again; then it is of this row. Records no gradient.
  virtual Tensor go_on(const Batch& batch, const Tensor& plays, std::span<Recollection* const> rows);

  /// Numbers of a state, where they are not D: tracks then need vectors of their own to be scored by. 0: they are D.
  virtual int64_t own_width() const { return 0; }

  /// The most plays of a window that it can read.
  virtual int64_t most_plays() const { return std::numeric_limits<int64_t>::max(); }

  /// True where it is told of the last plays in words as well (batch.words): a window then serves one question.
  virtual bool is_told() const { return false; }

  /// False where reading a whole log would take too long: then nothing asks for a state at every play of it.
  virtual bool reads_whole_logs() const { return true; }

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
/// By how many numbers the vector of a play is multiplied when it is read.
struct BackboneWeights {
  int64_t learned = 0, frozen = 0;
  int64_t frozen_bytes = 0;  // as they are stored
};
/// A row of the registry.
struct BackboneRow {
  /// Its settings with every default written out. Throws Error on one that it does not have or that can't be.
  YAML::Node (*resolve)(const YAML::Node& section, int64_t width);
  /// What it is to be told of the tracks of a log, artist, title [N]; null where it is not told.
  Teller (*teller)(const YAML::Node& section, const Texts& artist, const Texts& title);
  std::shared_ptr<Backbone> (*make)(const YAML::Node& section, const BackboneSizes& sizes);
  /// Without making more of it than little memory holds.
  BackboneWeights (*weights)(const YAML::Node& section, const BackboneSizes& sizes);
};
const Registry<BackboneRow>& backbones();

}  // namespace segue
