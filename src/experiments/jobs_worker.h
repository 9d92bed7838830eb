#pragma once

#include <chrono>

#include "experiments/compare.h"
#include "experiments/cost.h"
#include "experiments/jobs.h"

namespace segue {

/// Does the jobs that nobody else is at. All that it is made of must outlive it.
class JobsWorker {
 public:
  JobsWorker(const Grid& grid, const Prepared& prepared, const RunTools& tools, const CompareOptions& options, Claims& claims, const std::vector<Job>& jobs);
  /// Until all are done, by whomever.
  void work();
  const JobStates& states() const { return states_; }

 private:
  int64_t runs_done() const;
  /// What it begins from is done, too.
  bool ready(const Job& job) const { return job.from == Job::none || states_.done(jobs_[job.from]); }
  void tell(const Job& job) const;
  void perform(const Job& job);
  void ask(const Job& job, const CostMeter& meter);

  const Grid& grid_;
  const Prepared& prepared_;
  const RunTools& tools_;
  const CompareOptions& options_;
  Claims& claims_;
  const std::vector<Job>& jobs_;
  JobStates states_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  int64_t there_;  // runs that were done before
};

}  // namespace segue
