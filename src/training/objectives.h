#pragma once

#include <yaml-cpp/yaml.h>

#include <memory>

#include "core/registry.h"
#include "fusion/step_vectors.h"

namespace segue {

/// What the states of one step are to be right about. Places are those of the step's tracks.
struct Targets {
  Tensor states;        // float [M, D] after the plays that have a label
  Tensor vectors;       // float [n, D] of the step's tracks
  std::vector<StepVectors::Taken>* taken = nullptr;  // gathers the gradient of `vectors`, where it is not theirs
  Tensor scale;         // float [] products are multiplied by it
  Tensor label;         // int64 [M] place of the track that came next
  Tensor weight;        // float [M] what each counts; the loss is the sum over them
  Tensor negative;      // int64 [K] places of the tracks drawn for the whole batch, or [M, K] for each label
  Tensor log_expected;  // float [K] ln of how often each was to be expected among the K; undefined: of no account
  double sampling_rate = 1;  // K over the number of tracks they were drawn from

  /// float [..., D]: the vectors at `label` or `negative`.
  Tensor rows(const Tensor& places) const { return (taken == nullptr ? StepVectors(vectors) : StepVectors(vectors, *taken)).rows(places); }
};

/// How tracks that did not come next are drawn.
enum class Negatives { all, uniform, popularity, in_batch };

/// A loss over labels and negatives: 0 if every label is certain.
class Objective {
 public:
  struct Options {
    int64_t negatives = 1024;           // drawn once for the whole batch
    std::string from = "popularity";    // uniform, popularity or in-batch
    double power = 0.75;                // popularity: chance in proportion to plays^power
    bool log_q = true;                  // sampled softmax: subtract ln of the expected count
    double calibration = 0.75;          // gbce: 0 is bce, 1 is calibrated as a full softmax
    bool fused = true;                  // one pass over tiles instead of plain operations, on the CPU
    template <class V>
    void fields(V&& field) {
      field("negatives", negatives);
      field("from", from);
      field("power", power);
      field("log_q", log_q);
      field("calibration", calibration);
      field("fused", fused);
    }
  };
  virtual ~Objective() = default;
  /// The weighted sum of the losses, a scalar with gradient.
  virtual Tensor loss(const Targets& targets) const = 0;
  virtual Negatives negatives() const = 0;
  /// True if each label has negatives of its own.
  virtual bool each_its_own() const { return false; }
};

using MakeObjective = std::unique_ptr<Objective> (*)(const Objective::Options& options);
const Registry<MakeObjective>& objectives();

}  // namespace segue
