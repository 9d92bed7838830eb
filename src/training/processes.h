#pragma once

#include <memory>
#include <string>
#include <utility>

#include "core/tensor.h"
#include "training/step.h"

namespace segue {

/// The processes that learn one model together, on one machine or several. Each calls the same functions in the same order.
class Processes {
 public:
  /// One process by itself.
  Processes();
  /// What torchrun's variables say: RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT; by itself where they are not set. Tensors
  /// are sent by NCCL where the device is a GPU and libtorch has it, else by gloo. Throws Error if a variable is wrong or
  /// the others don't come.
  explicit Processes(at::Device device);
  ~Processes();

  int64_t number() const { return share_.number; }
  int64_t count() const { return share_.of; }
  bool first() const { return share_.number == 0; }
  Share share() const { return share_; }
  /// The part of 0 … n - 1 that is this process's: [begin, end).
  std::pair<size_t, size_t> part_of(size_t n) const;

  // Throw Error if another process has ended or does not answer.
  /// In place, the sum over all processes; the same bits in each.
  void sum(const Tensor& tensor) const;
  /// In place, the numbers of the first.
  void take_from_first(const Tensor& tensor) const;
  std::string take_from_first(const std::string& text) const;

 private:
  class Group;
  Share share_;
  std::unique_ptr<Group> group_;
};

}  // namespace segue
