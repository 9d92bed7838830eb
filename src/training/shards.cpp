#include "training/shards.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/autograd.h>

#include "core/tensor_threads.h"
#include "layers/rows.h"

namespace segue {
namespace {

/// One tensor for the gradients of all parameters but those that make vectors; autograd adds into it.
Tensor laid_end_to_end(SequenceModel& model) {
  int64_t numbers = 0;
  const auto parameters = model.reading_parameters();
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
    : model_(model), objective_(objective), replicas_(static_cast<size_t>(count)), gradient_(laid_end_to_end(model)) {
  for (auto& replica : replicas_) {
    replica.model = replica_of(model, configuration);
    replica.gradient = laid_end_to_end(*replica.model);
  }
}

void Shards::read(size_t s, const Step& step, const Vectors& vectors, const std::vector<Tensor>& preface) {
  Replica& replica = replicas_[s];
  const Shard& shard = step.shards[s];
  replica.gradient.zero_();
  replica.taken.clear();
  replica.scored.clear();
  replica.preface.clear();
  replica.loss = 0;
  if (shard.label.numel() == 0) return;
  Batch batch = shard.batch;
  for (const Tensor& one : preface) replica.preface.push_back(one.detach().requires_grad_(one.requires_grad()));
  batch.preface = replica.preface;
  Targets targets;
  targets.states = replica.model->states_at(batch, StepVectors(vectors.read, replica.taken), shard.position);
  const bool tied = !vectors.scored.defined();
  targets.vectors = tied ? vectors.read : vectors.scored;
  targets.taken = tied ? &replica.taken : &replica.scored;
  targets.scale = replica.model->scale();
  targets.label = shard.label;
  targets.weight = shard.weight;
  targets.negative = shard.negative;
  targets.log_expected = step.log_expected;
  targets.sampling_rate = step.sampling_rate;
  Tensor loss = objective_.loss(targets);
  if (const auto& finish = replica.model->finish(); finish != nullptr && step.completions > 0) {
    // Its mean is over what the whole step knows of completions, where the objective's is over all labels.
    const double share = finish->options().weight * step.weight / static_cast<double>(step.completions);
    loss = loss + finish->loss(targets.states, targets.rows(shard.label), shard.completion) * share;
  }
  (loss / step.weight).backward();
  replica.loss = loss.item<double>();
}

Shards::Gradient Shards::of(const Step& step, const Vectors& vectors) {
  TORCH_CHECK(step.shards.size() <= replicas_.size(), "Shards: ", step.shards.size(), " shards for ", replicas_.size(), " replicas");
  const auto preface = model_.backbone().preface();
  parallel_tensors(std::ssize(step.shards), [&](int64_t s) { read(static_cast<size_t>(s), step, vectors, preface); });
  const at::NoGradGuard no_grad;
  gradient_.zero_();
  Gradient sum{0, gradient_, {}};
  std::vector<std::vector<StepVectors::Taken>> taken, scored;
  for (size_t s = 0; s < step.shards.size(); ++s) {
    sum.loss += replicas_[s].loss;
    gradient_.add_(replicas_[s].gradient);
    taken.push_back(std::move(replicas_[s].taken));
    scored.push_back(std::move(replicas_[s].scored));
  }
  learn_preface(preface, std::ssize(step.shards));
  sum.vectors.read = sum_of_taken(taken, vectors.read);
  if (vectors.scored.defined()) sum.vectors.scored = sum_of_taken(scored, vectors.scored);
  return sum;
}

/// What was read for all gets the gradient of all, and hands it on once.
void Shards::learn_preface(const std::vector<Tensor>& preface, int64_t shards) {
  std::vector<Tensor> read, slope;
  for (size_t i = 0; i < preface.size(); ++i) {
    if (!preface[i].requires_grad()) continue;
    Tensor sum = at::zeros_like(preface[i]);
    for (int64_t s = 0; s < shards; ++s) {
      const auto& leaves = replicas_[static_cast<size_t>(s)].preface;
      if (!leaves.empty() && leaves[i].grad().defined()) sum.add_(leaves[i].grad());
    }
    read.push_back(preface[i]);
    slope.push_back(sum);
  }
  if (!read.empty()) torch::autograd::backward(read, slope);
}

}  // namespace segue
