#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/files.h"

namespace segue {

/// What a run, or a ranker that learns no vectors, took.
struct Cost {
  double learning_s = 0, asking_s = 0;
  int64_t memory_bytes = 0;  // of the whole process at once, the data included; 0: the system does not say
  double seconds() const { return learning_s + asking_s; }
};

/// Measures from its making on.
class CostMeter {
 public:
  CostMeter();
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count(); }
  int64_t peak_bytes() const;

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

/// FOLDER/cost.json. None where there is no such file, or a damaged one.
std::optional<Cost> cost_in(const Path& folder);
void write_cost(const Path& folder, const Cost& cost);

/// The seconds that the steps of learning took, over all times that a run was started, as its metrics.json has them.
double seconds_of_steps(const Path& run);

}  // namespace segue
