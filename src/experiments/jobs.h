#pragma once

#include <map>
#include <string>
#include <vector>

#include "experiments/comparison.h"
#include "experiments/grid.h"

namespace segue {

/// One run, or one ranker that learns no vectors, under one seed.
struct Job {
  std::string name;  // of the variant or ranker
  uint64_t seed = 1;
  const Variant* variant = nullptr;  // null: a ranker
  Path folder;
  YAML::Node config = {};  // of a run, with the folder of the run that it begins from
  size_t from = none;      // the job that learns that run, before it in the list
  static constexpr size_t none = static_cast<size_t>(-1);
  std::string claim() const { return (variant == nullptr ? "counters." : "runs.") + name + ".seed-" + std::to_string(seed); }
  std::string words() const { return name + ", seed " + std::to_string(seed); }
};

/// All of a grid: rankers first, for they take less; then run by run, one seed of all variants before the next.
std::vector<Job> jobs_of(const Grid& grid, const std::vector<std::string>& rankers, const Path& folder);

/// What became of jobs, as it stands in their folders.
class JobStates {
 public:
  /// Failures that are there already are tried again.
  explicit JobStates(const std::vector<Job>& jobs);
  /// Its answers are there.
  static bool finished(const Job& job);
  bool failed(const Job& job) const;
  bool done(const Job& job) const { return finished(job) || failed(job); }
  static std::string reason(const Job& job);
  /// Writes down that it failed.
  static void fail(const Job& job, const std::string& reason);
  /// Forgets an earlier failure.
  static void forget(const Job& job);

 private:
  std::map<std::string, std::string> earlier_;  // by claim
};

}  // namespace segue
