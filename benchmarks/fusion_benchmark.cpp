// What content costs: a step of training over catalogues of two sizes, the vectors of all tracks, and each fusion by itself.
//   build/release/benchmarks/fusion_benchmark [--benchmark_filter=step]
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/randn.h>
#include <benchmark/benchmark.h>

#include <algorithm>
#include <functional>

#include "core/options.h"
#include "core/parallel.h"
#include "made_up_log.h"
#include "training/shards.h"

namespace segue {
namespace {

/// As wide as sentences, sound and genes are.
const std::vector<int64_t> widths{384, 200, 128, 63, 58};

TrackSignals five_signals(int64_t tracks) {
  TrackSignals all;
  for (const int64_t width : widths) {
    auto made = std::make_shared<TrackSignal>();
    made->name = "signal-" + std::to_string(width);
    made->vectors = at::randn({tracks, width});
    for (int32_t j = 0; j < tracks; ++j) made->row.push_back(j % 4 == 0 ? -1 : j);
    made->silent.assign(static_cast<size_t>(tracks), 0);
    all.push_back(std::move(made));
  }
  return all;
}

Configuration configuration_of(const std::string& fusion, bool content) {
  std::vector<std::string> settings{"fusion.name=" + fusion};
  if (content) {
    std::string names = "items.signals=[";
    for (const int64_t width : widths) names.append("signal-").append(std::to_string(width)).append(",");
    names.back() = ']';
    settings.push_back(std::move(names));
  }
  return Configuration(read_config("", settings));
}

std::vector<int32_t> every(int64_t tracks) {
  std::vector<int32_t> all;
  for (int32_t j = 0; j < tracks; ++j) all.push_back(j);
  return all;
}

/// Signals in the order in which a configuration has their names.
std::shared_ptr<SequenceModel> model_of(const Configuration& configuration, int64_t tracks, bool content) {
  TrackSignals signals;
  if (content) signals = five_signals(tracks);
  std::sort(signals.begin(), signals.end(), [](const auto& a, const auto& b) { return a->name < b->name; });
  return make_model(configuration, every(tracks), tracks, 1, std::move(signals));
}

/// A step as the trainer takes it. Every track has about as many plays, so that as many of them meet in each step.
void step(benchmark::State& state, int64_t tracks, bool content) {
  at::set_num_threads(1);
  const Configuration configuration = configuration_of("gated", content);
  const Log log = made_up_log(64, 2000, tracks);
  const PlayTable table(log, configuration.plays.followed_places);
  const auto model = model_of(configuration, tracks, content);
  const Sampler sampler(table, configuration.windows, Part::val, true, 1);
  const auto objective = objectives().at("sampled")(configuration.objective_options);
  const NegativeSampler negatives(sampler.plays(), objective->negatives(), configuration.objective_options.power, 1);
  StepMaker maker({table, sampler, negatives, configuration.objective_options.negatives, false}, at::kCPU);
  Shards cut(*model, configuration, *objective, 4);
  NamedTensors parameters;
  for (const auto& pair : model->named_parameters()) parameters.emplace(pair.key(), pair.value());
  Adam adam(configuration.optimiser, parameters, {{"items", model->items().table()}});
  const auto batches = sampler.epoch(0);
  int64_t number = 0, met = 0;
  for (auto _ : state) {
    const Step one = maker.make(batches[static_cast<size_t>(number) % batches.size()], number, {}, 4, 1);
    ++number;
    Noise noise(1, number);
    const auto items = model->items().of(one.tracks, true, &noise);
    const auto gradient = cut.of(one, {items.vectors.detach(), {}});
    items.vectors.backward(gradient.vectors.read);
    adam.step(1, {{"items", {items.rows, items.leaf.grad()}}});
    met += std::ssize(one.tracks);
  }
  state.counters["tracks_in_a_step"] = static_cast<double>(met) / static_cast<double>(number);
}

void all_vectors(benchmark::State& state, int64_t tracks) {
  at::set_num_threads(1);
  const auto model = model_of(configuration_of("gated", true), tracks, true);
  for (auto _ : state) benchmark::DoNotOptimize(model->items().all());
  state.SetItemsProcessed(state.iterations() * tracks);
}

/// Forward and backward, 4,096 tracks.
void fuse(benchmark::State& state, const std::string& fusion) {
  constexpr int64_t tracks = 4096;
  at::set_num_threads(1);
  const auto model = model_of(configuration_of(fusion, true), tracks, true);
  for (auto _ : state) {
    const auto items = model->items().of(every(tracks), true);
    items.vectors.sum().backward();
  }
  state.SetItemsProcessed(state.iterations() * tracks);
}

void add(const std::string& name, const std::function<void(benchmark::State&)>& run) {
  benchmark::RegisterBenchmark(name.c_str(), run)->UseRealTime()->Unit(benchmark::kMillisecond);
}

}  // namespace
}  // namespace segue

int main(int argc, char** argv) {
  using namespace segue;
  for (const int64_t tracks : {10'000, 400'000}) {
    for (const bool content : {false, true}) {
      add(std::string("step/") + (content ? "five signals/" : "ids/") + std::to_string(tracks), [=](auto& state) { step(state, tracks, content); });
    }
  }
  add("all vectors/400000", [](auto& state) { all_vectors(state, 400'000); });
  for (const auto& fusion : fusions().names()) add("fuse/" + fusion, [=](auto& state) { fuse(state, fusion); });
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
