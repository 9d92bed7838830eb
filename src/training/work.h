#pragma once

#include "sessions/prepared.h"
#include "training/configuration.h"

namespace segue {

/// Plays of parts before `until`: about as many targets has an epoch.
int64_t plays_before(const Log& log, Part until);

/// What a run will take, by arithmetic.
struct Work {
  double operations = 0;     // of numbers, a product and its sum being two
  int64_t memory_bytes = 0;  // of weights and what Adam keeps of them; the log and activations come to it
  bool language = false;     // whether frozen weights do most of it
};

/// To learn a run from a prepared log and to put one part's questions to it, its mix learned and its guard asked: products with
/// weights and with the vectors of tracks, no more. Fusing signals, attention and the counters are left out.
Work work_of(const Configuration& configuration, const Prepared& prepared);

/// Seconds of an operation of a run: of three in products of matrices, which a short trial measures.
double seconds_of_an_operation(at::Device device);

}  // namespace segue
