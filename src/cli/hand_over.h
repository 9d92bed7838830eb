#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "evaluation/evaluate.h"
#include "listening/data_folder.h"
#include "ranking/recommend.h"

namespace segue {

/// Verbs that compute tensors are done by a second program beside this one, which loads libtorch (half a second). There
/// this does nothing; here it starts that program in place of this one where the arguments ask for tensors: a verb that
/// learns, or --run. Throws Error if the program is not there.
void hand_over(int argc, char** argv);

/// Trained models and their mixes with the counters, to be judged beside the rankers that need no learning.
std::vector<TrainedRanker> trained_rankers(const std::vector<std::string>& runs, const Prepared& prepared, const std::string& device, uint64_t seed);

/// What a language model says of tracks without having learned anything from the log.
struct ZeroShotRequest {
  std::vector<std::string> kinds;  // untrained, likelihood, embedding
  std::string folder;              // of the model
  int64_t layers = 0;              // the first so many; 0: all
  std::string storage;             // f32, bf16, int8, nf4; empty: as the folder was quantised, else f32
  int64_t history = 10;            // last tracks that are told
};
std::vector<TrainedRanker> zero_shot_rankers(const ZeroShotRequest& request, const Prepared& prepared, const std::string& device, uint64_t seed);

/// True in a process that torchrun started to help another with an evaluation: it reads windows for the first one as long
/// as that asks, and must write nothing.
bool helped_first(const std::vector<std::string>& runs, const Prepared& prepared, const std::string& device);

/// A trained model for one listener of a whole log, as recommend() wants it. recollections: a folder for what it keeps of
/// the listener, where it can go on from that; empty: none.
/// data: where the folder lies.
MakeTrained trained_for(const std::string& run, const std::string& data, const DataFolder& folder, const std::string& device, const std::string& recollections);

}  // namespace segue
