#pragma once

#include <string>
#include <vector>

#include "core/registry.h"
#include "core/tensor.h"
#include "evaluation/evaluate.h"

namespace segue {

struct ZeroShotOptions {
  std::string folder;    // of a language model, in the layout of Hugging Face
  int64_t layers = 0;    // its first so many; 0: all
  std::string storage = {};  // of its layers: f32, bf16, int8, nf4; empty: as the folder was quantised, else f32
  int64_t history = 10;  // last tracks that are told in words
  uint64_t seed = 1;     // of what is random in `untrained`
  at::Device device = at::kCPU;
};

/// Rankers of a language model that learned nothing from the log, named for what they are:
///  embedding   tracks and histories as the model's own vectors of their words; the whole catalogue.
///  likelihood  ln p of a candidate's words after the history in words, and, as `lift`, that minus ln p without a history.
///  untrained   E4SRec before training, as the paper has it "zero-shot": a random projection, a random classifier. What it
///              gives is chance, and it is reported as that.
/// They refer to `prepared`. Throw Error: no model in the folder, or a damaged one.
using MakeZeroShot = std::vector<TrainedRanker> (*)(const Prepared& prepared, const ZeroShotOptions& options);
const Registry<MakeZeroShot>& zero_shot_kinds();

}  // namespace segue
