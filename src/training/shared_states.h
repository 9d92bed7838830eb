#pragma once

#include <span>
#include <vector>

#include "ranking/vector_ranker.h"
#include "training/processes.h"

namespace segue {

/// States of questions, worked out by several processes that have opened the same models: the first asks, and each reads
/// the windows of a part of the questions.
class SharedStates {
 public:
  /// The models must outlive this, in the same order everywhere. From now on those of the first ask all processes.
  SharedStates(const Processes& processes, std::vector<VectorModel*> models);
  /// The first lets the others go.
  ~SharedStates();
  SharedStates(const SharedStates&) = delete;
  SharedStates& operator=(const SharedStates&) = delete;

  /// For the others: reads what the first asks for, until it lets them go.
  void serve() const;

 private:
  using States = std::function<std::vector<float>(std::span<const Asked>)>;
  std::vector<float> ask(size_t model, std::span<const Asked> asked) const;
  std::vector<float> read(size_t model, std::span<const Asked> asked) const;

  const Processes& processes_;
  std::vector<VectorModel*> models_;
  std::vector<States> alone_;  // the models' own
};

}  // namespace segue
