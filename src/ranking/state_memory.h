#pragma once

#include <span>
#include <utility>
#include <vector>

#include "ranking/vector_ranker.h"

namespace segue {

/// What came next when the model was last in a state like this: the nearest states in the listener's own past, and the
/// tracks that followed them (kNN-LM; Khandelwal et al., 2020, arXiv:1911.00172). It reaches as far back as the log does,
/// which no window can. Differs: the store is one listener's plays before the question, nearness is the cosine (the
/// product, where states are not of length 1), and a place counts by distance^-fade too.
struct StateMemory {
  int64_t nearest = 64;    // places that have a say
  double sharpness = 20;   // a place counts exp(sharpness · product)
  double fade = 0.25;      // of a place so many plays ago: distance^-fade
};

/// Tracks with their shares, which sum to 1, sorted by track; empty where nothing was heard before.
using TrackShares = std::vector<std::pair<int32_t, double>>;

/// [asked] what the memory says to each question; nothing where the model can't read the plays of a listener once. states:
/// float [asked, D], of the questions. Needs room for the states after all plays of one listener.
std::vector<TrackShares> recalled(const VectorModel& model, const Log& log, std::span<const Asked> asked, std::span<const float> states,
                                  const StateMemory& options);

}  // namespace segue
