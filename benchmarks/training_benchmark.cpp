// Targets learned a second: threads inside operations (plain) beside one thread for each shard of the batch.
//   build/release/benchmarks/training_benchmark [--benchmark_filter=sasrec]
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <benchmark/benchmark.h>

#include "core/options.h"
#include "core/parallel.h"
#include "layers/rows.h"
#include "made_up_log.h"
#include "training/shards.h"

namespace segue {
namespace {

constexpr int64_t listeners = 64, plays_each = 1000, tracks = 20'000;

/// All that a trainer has, but the loop.
struct Learner {
  Learner(const std::string& backbone, int64_t shards)
      : configuration(read_config("", {"backbone.name=" + backbone})),
        model(make_model(configuration, every_row(), tracks, 1)),
        sampler(table, configuration.windows, Part::val, model->backbone().causal(), 1),
        objective(objectives().at(configuration.objective)(configuration.objective_options)),
        negatives(sampler.plays(), objective->negatives(), configuration.objective_options.power, 1),
        maker({table, sampler, negatives, configuration.objective_options.negatives, false}, at::kCPU),
        cut(*model, configuration, *objective, shards),
        adam(configuration.optimiser, parameters(), {{"items", model->items().table()}}) {}

  static std::vector<int32_t> every_row() {
    std::vector<int32_t> rows;
    for (int32_t j = 0; j < tracks; ++j) rows.push_back(j);
    return rows;
  }
  NamedTensors parameters() const {
    NamedTensors all;
    for (const auto& pair : model->named_parameters()) all.emplace(pair.key(), pair.value());
    return all;
  }
  Step next(int64_t number) { return maker.make(batches[static_cast<size_t>(number) % batches.size()], number, {}, cut.count(), 1); }

  Log log = made_up_log(listeners, plays_each, tracks);
  Configuration configuration;
  PlayTable table{log, configuration.plays.followed_places};
  std::shared_ptr<SequenceModel> model;
  Sampler sampler;
  std::unique_ptr<Objective> objective;
  NegativeSampler negatives;
  StepMaker maker;
  Shards cut;
  Adam adam;
  std::vector<std::vector<Window>> batches = sampler.epoch(0);
};

/// The whole batch at once, every operation with all threads.
void step_plainly(Learner& learner, const Step& step) {
  const auto items = learner.model->items().of(step.tracks, true);
  const Shard& all = step.shards.front();
  const Tensor states = learner.model->states(all.batch, items.vectors);
  Targets targets;
  targets.states = rows_of(states.reshape({-1, states.size(2)}), all.position);
  targets.vectors = items.vectors;
  targets.scale = learner.model->scale();
  targets.label = all.label;
  targets.weight = all.weight;
  targets.negative = all.negative;
  targets.log_expected = step.log_expected;
  (learner.objective->loss(targets) / step.weight).backward();
  learner.adam.step(1, {{"items", {items.rows, items.leaf.grad()}}});
}

void step_in_shards(Learner& learner, const Step& step) {
  const auto items = learner.model->items().of(step.tracks, true);
  const auto gradient = learner.cut.of(step, {items.vectors.detach(), {}});
  items.vectors.backward(gradient.vectors.read);
  learner.adam.step(1, {{"items", {items.rows, items.leaf.grad()}}});
}

void learn(benchmark::State& state, const std::string& backbone, int64_t shards) {
  const bool plain = shards == 0;
  at::set_num_threads(plain ? threads() : 1);
  Learner learner(backbone, plain ? 1 : shards);
  int64_t number = 0, targets = 0;
  for (auto _ : state) {
    const Step step = learner.next(number++);
    plain ? step_plainly(learner, step) : step_in_shards(learner, step);
    targets += step.labels;
  }
  state.SetItemsProcessed(targets);
}

}  // namespace
}  // namespace segue

int main(int argc, char** argv) {
  for (const auto& backbone : segue::backbones().names()) {
    if (backbone == "language") continue;  // there is none without weights
    for (const int64_t shards : {0, 1, 2, 4, 8, 16}) {
      const std::string name = "learn/" + backbone + (shards == 0 ? "/plain" : "/shards:" + std::to_string(shards));
      benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) { segue::learn(state, backbone, shards); })->UseRealTime()->Unit(benchmark::kMillisecond);
    }
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
