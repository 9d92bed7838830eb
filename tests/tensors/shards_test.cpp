#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include "core/parallel.h"
#include "core/tensor_threads.h"
#include "layers/rows.h"
#include "ranking/backbone_states.h"
#include "support/scratch.h"
#include "tensors/small_log.h"
#include "training/trainer.h"

namespace segue {
namespace {

/// Six listeners, 50 plays each, of 30 tracks.
Log some_log() {
  std::vector<std::vector<int32_t>> many(6);
  for (int32_t i = 0; i < 300; ++i) many[static_cast<size_t>(i % 6)].push_back((i * i + 3 * i) % 30);
  return small_log(many, 30);
}

/// The threads of the program while it lives.
struct Threads {
  explicit Threads(int count) { set_threads(count); }
  ~Threads() { set_threads(0); }
};

class Sharded : public testing::TestWithParam<std::string> {
 protected:
  static NamedTensors learned(const std::vector<std::string>& more, int threads) {
    const Threads only(threads);
    const Log log = some_log();
    const PlayTable table(log, 2);
    const Scratch scratch;
    const Catalogue catalogue(log.in_catalogue, std::vector<int64_t>(30, 1));
    std::vector<std::string> settings{"training.epochs=3", "backbone.dropout=0.2", "windows.batch=8", "objective.negatives=40"};
    settings.insert(settings.end(), more.begin(), more.end());
    const auto configuration = small_configuration(GetParam(), settings);
    const auto model = make_model(configuration, every_row(30), 30, 5);
    Trainer trainer(*model, table, std::vector<Case>{{0, 40, 40}, {1, 90, 90}}, catalogue, configuration, 5, at::kCPU, {scratch / "run", "same"});
    trainer.learn();
    return weights_of(*model);
  }
};
INSTANTIATE_TEST_SUITE_P(Registry, Sharded, testing::ValuesIn(every_variant()), [](const auto& row) { return row.param; });

TEST_P(Sharded, LearnsTheSameBitsWithOneThreadAndWithSeveral) {
  const auto one = learned({}, 1);
  for (const int threads : {2, 3}) {
    for (const auto& [name, tensor] : learned({}, threads)) EXPECT_TRUE(tensor.equal(one.at(name))) << name << ", " << threads << " threads";
  }
}

TEST_P(Sharded, LearnsTheSameBitsWithASecondTargetToo) {
  const std::vector<std::string> both{"finish.weight=0.5", "plays.stopped=true"};
  const auto one = learned(both, 1);
  EXPECT_GT(one.at("finish.pair").abs().max().item<double>(), 0);
  for (const auto& [name, tensor] : learned(both, 3)) EXPECT_TRUE(tensor.equal(one.at(name))) << name;
}

/// The gradient of one step, every parameter's and the vectors' end to end.
Tensor gradient(const std::string& backbone, const std::vector<std::string>& settings, int64_t shards, std::vector<Share> shares, double& loss) {
  const Log log = some_log();
  const PlayTable table(log, 2);
  std::vector<std::string> all{"backbone.dropout=0.3", "windows.batch=7", "objective.negatives=40"};
  all.insert(all.end(), settings.begin(), settings.end());
  const auto configuration = small_configuration(backbone, all);
  const auto& objective = configuration.objective;
  const auto model = make_model(configuration, every_row(30), 30, 5);
  if (model->finish() != nullptr) {
    for (auto& parameter : model->finish()->parameters()) parameter.data().add_(0.1);  // from 0 on states would not learn
  }
  const Sampler sampler(table, configuration.windows, Part::val, model->backbone().causal(), 5);
  const auto object = objectives().at(objective)(configuration.objective_options);
  const NegativeSampler negatives(sampler.plays(), object->negatives(), 0.75, 5);
  StepMaker maker({table, sampler, negatives, 40, object->each_its_own()}, at::kCPU);
  Shards cut(*model, configuration, *object, shards);
  const auto windows = sampler.epoch(0).front();
  Tensor sum;
  loss = 0;
  for (const Share share : shares) {
    const Step step = maker.make(windows, 3, share, shards, 5);
    const auto found = cut.of(step, {model->items().of(step.tracks, false).vectors, {}});
    const Tensor all = at::cat({found.weights, found.vectors.read.view({-1})});
    sum = sum.defined() ? sum + all : all.clone();
    loss += found.loss / step.weight;
  }
  return sum;
}

TEST_P(Sharded, HasTheGradientOfTheWholeBatchInHoweverManyShards) {
  std::vector<std::vector<std::string>> ways{{"finish.weight=0.5"}};
  for (const auto& name : objectives().names()) ways.push_back({"objective.name=" + name});
  for (const auto& settings : ways) {
    const std::string& objective = settings.front();
    double whole = 0, cut = 0;
    const Tensor expected = gradient(GetParam(), settings, 1, {Share{0, 1}}, whole);
    for (const int64_t shards : {2, 4, 16}) {
      const Tensor found = gradient(GetParam(), settings, shards, {Share{0, 1}}, cut);
      EXPECT_NEAR(whole, cut, 1e-5 * whole) << objective;
      EXPECT_LT((found - expected).abs().max().item<double>(), 2e-5 * expected.abs().max().item<double>()) << objective << ", " << shards << " shards";
    }
    // The rows of three processes, each with two shards.
    const Tensor found = gradient(GetParam(), settings, 2, {Share{0, 3}, Share{1, 3}, Share{2, 3}}, cut);
    EXPECT_NEAR(whole, cut, 1e-5 * whole) << objective;
    EXPECT_LT((found - expected).abs().max().item<double>(), 2e-5 * expected.abs().max().item<double>()) << objective;
  }
}

TEST_P(Sharded, GivesTheSameStatesWithOneThreadAndWithSeveral) {
  const Log log = some_log();
  const PlayTable table(log, 2);
  const auto model = make_model(small_configuration(GetParam()), every_row(30), 30, 7);
  std::vector<Asked> asked;
  for (int64_t to = 1; to < 49; ++to) asked.push_back(asked_of(log, {0, to, to}));
  const auto states = [&](int threads) {
    const Threads only(threads);
    return states_of(*model, table, asked, {.length = 12, .plays = 30});
  };
  EXPECT_EQ(states(1), states(3));
}

TEST(ParallelTensors, UseNoThreadsInsideAndLeaveTheSettingAsItWas) {
  const Threads three(3);
  const int before = at::get_num_threads();
  at::set_num_threads(2);
  std::vector<int> inside(8);
  parallel_tensors(8, [&](int64_t i) { inside[static_cast<size_t>(i)] = at::get_num_threads(); });
  EXPECT_EQ(inside, std::vector<int>(8, 1));
  EXPECT_EQ(at::get_num_threads(), 2);
  at::set_num_threads(before);
}

TEST(RowsOf, HasTheRowsAndTheGradientOfIndexing) {
  const Tensor table = at::randn({5, 3}).requires_grad_(), same = table.detach().clone().requires_grad_();
  const std::vector<int64_t> places{4, 0, 4, -1, 2, 4};
  const Tensor place = tensor_of(places, {2, 3}), weight = at::randn({2, 3, 3});
  const Tensor rows = rows_of(table, place);
  const Tensor expected = same.index_select(0, place.reshape({-1}).clamp_min(0)).view({2, 3, 3}) * place.ge(0).unsqueeze(-1);
  EXPECT_TRUE(rows.equal(expected));
  (rows * weight).sum().backward();
  (expected * weight).sum().backward();
  EXPECT_LT((table.grad() - same.grad()).abs().max().item<double>(), 1e-6);
  EXPECT_ANY_THROW(rows_of(table, tensor_of(std::vector<int64_t>{5}, {1})));
}

}  // namespace
}  // namespace segue
