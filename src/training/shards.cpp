#include "training/shards.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>

#include "core/tensor_threads.h"
#include "layers/rows.h"

namespace segue {
namespace {

/// One tensor for the gradients of all parameters; autograd adds into it.
Tensor laid_end_to_end(SequenceModel& model) {
  int64_t numbers = 0;
  const auto parameters = model.parameters();
  for (const auto& one : parameters) numbers += one.numel();
  const Tensor all = at::zeros({numbers}, model.items().table_options());
  int64_t begin = 0;
  for (const auto& one : parameters) {
    Tensor(one).mutable_grad() = all.narrow(0, begin, one.numel()).view(one.sizes());
    begin += one.numel();
  }
  return all;
}

}  // namespace

Shards::Shards(SequenceModel& model, const Configuration& configuration, const Objective& objective, int64_t count)
    : objective_(objective), replicas_(static_cast<size_t>(count)), gradient_(laid_end_to_end(model)) {
  for (auto& replica : replicas_) {
    replica.model = replica_of(model, configuration);
    replica.gradient = laid_end_to_end(*replica.model);
  }
}

void Shards::read(size_t s, const Step& step, const Tensor& vectors) {
  Replica& replica = replicas_[s];
  const Shard& shard = step.shards[s];
  replica.gradient.zero_();
  replica.taken.clear();
  replica.loss = 0;
  if (shard.label.numel() == 0) return;
  const Tensor states = replica.model->states(shard.batch, StepVectors(vectors, replica.taken));
  Targets targets;
  targets.states = rows_of(states.reshape({-1, states.size(2)}), shard.position);
  targets.vectors = vectors;
  targets.taken = &replica.taken;
  targets.scale = replica.model->scale();
  targets.label = shard.label;
  targets.weight = shard.weight;
  targets.negative = shard.negative;
  targets.log_expected = step.log_expected;
  targets.sampling_rate = step.sampling_rate;
  const Tensor loss = objective_.loss(targets);
  (loss / step.weight).backward();
  replica.loss = loss.item<double>();
}

Shards::Gradient Shards::of(const Step& step, const Tensor& vectors) {
  TORCH_CHECK(step.shards.size() <= replicas_.size(), "Shards: ", step.shards.size(), " shards for ", replicas_.size(), " replicas");
  parallel_tensors(std::ssize(step.shards), [&](int64_t s) { read(static_cast<size_t>(s), step, vectors); });
  const at::NoGradGuard no_grad;
  gradient_.zero_();
  Gradient sum{0, gradient_, {}};
  std::vector<std::vector<StepVectors::Taken>> taken;
  for (size_t s = 0; s < step.shards.size(); ++s) {
    sum.loss += replicas_[s].loss;
    gradient_.add_(replicas_[s].gradient);
    taken.push_back(std::move(replicas_[s].taken));
  }
  sum.vectors = sum_of_taken(taken, vectors);
  return sum;
}

}  // namespace segue
