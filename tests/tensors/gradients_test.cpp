#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <functional>
#include <tuple>

#include "tensors/small_log.h"
#include "training/objectives.h"

namespace segue {
namespace {

const std::vector<std::vector<int32_t>> plays{{0, 1, 2, 3, 1, 2, 5, 0, 4, 1, 2}, {6, 7, 6, 7, 0, 1}, {3, 4, 5}};

/// A step of training as the trainer takes it, dropout and all, whose loss can be asked again and again.
class Step {
 public:
  Step(const std::string& backbone, const std::string& objective, bool fused, at::ScalarType type)
      : configuration_(small_configuration(backbone, {"backbone.dropout=0.3", "objective.name=" + objective, fused ? "objective.fused=true" : "objective.fused=false"})),
        log_(small_log(plays, 8)),
        table_(log_, 2),
        model_(make_model(configuration_, every_row(8), 8, 7)),
        objective_(objectives().at(objective)(configuration_.objective_options)),
        sampler_(table_, configuration_.windows, Part::gate, model_->backbone().causal(), 7),
        type_(type) {
    model_->to(type);
    move_inputs_from_nothing();
  }

  SequenceModel& model() { return *model_; }
  /// The gradient of the table of ids stands in leaf().
  Tensor loss() {
    const auto windows = sampler_.epoch(0).front();
    StepTracks tracks(8);
    Batch batch = make_batch(table_, windows, configuration_.windows.length, tracks);
    batch.gap_s = batch.gap_s.to(type_);
    batch.completion = batch.completion.to(type_);
    batch.noise = std::make_shared<Noise>(7, 3);
    const auto labels = sampler_.labels(windows, batch.length());
    Targets t = targets_of(labels, tracks);
    drawn_ = model_->items().of(tracks.tracks(), true);
    const Tensor states = model_->states(batch, drawn_.vectors);
    t.vectors = drawn_.vectors;
    t.states = states.reshape({-1, states.size(2)}).index_select(0, tensor_of(labels.position, {std::ssize(labels.position)}));
    t.scale = model_->scale();
    return objective_->loss(t);
  }
  const Tensor& leaf() const { return drawn_.leaf; }
  const Tensor& rows() const { return drawn_.rows; }

 private:
  /// Inputs beside the track begin at 0, where an error in the slope of another would not show.
  void move_inputs_from_nothing() {
    const at::NoGradGuard no_grad;
    double shift = 0.01;
    for (auto& parameter : model_->parameters()) parameter.add_(shift += 0.003);
  }

  Targets targets_of(const Sampler::Labels& labels, StepTracks& tracks) const {
    Targets t;
    std::vector<int64_t> label, negative;
    for (const int32_t track : labels.track) label.push_back(tracks.place_of(track));
    const auto M = std::ssize(label), own = objective_->each_its_own() ? M : 5;
    const NegativeSampler sampler(sampler_.plays(), objective_->negatives(), 0.75, 7);
    const auto drawn = sampler.draw(0, own, labels.track);
    for (const int32_t track : drawn.tracks) negative.push_back(tracks.place_of(track));
    t.label = tensor_of(label, {M});
    t.weight = tensor_of(labels.weight, {M}).to(type_);
    t.negative = tensor_of(negative, {std::ssize(negative)});
    t.log_expected = tensor_of(drawn.log_expected, {std::ssize(negative)}).to(type_);
    t.sampling_rate = 0.5;
    return t;
  }

  Configuration configuration_;
  Log log_;
  PlayTable table_;
  std::shared_ptr<SequenceModel> model_;
  std::unique_ptr<Objective> objective_;
  Sampler sampler_;
  at::ScalarType type_;
  ItemVectors::Drawn drawn_;
};

/// (loss a little further − a little nearer) / twice as much, of the number at a place.
double difference(Step& step, const Tensor& numbers, int64_t at) {
  const at::NoGradGuard no_grad;
  Tensor flat = numbers.view({-1});
  const double was = flat[at].item<double>(), by = 1e-6;
  flat[at].fill_(was + by);
  const double up = step.loss().item<double>();
  flat[at].fill_(was - by);
  const double down = step.loss().item<double>();
  flat[at].fill_(was);
  return (up - down) / (2 * by);
}

using Pair = std::tuple<std::string, std::string>;
class EveryBackboneAndObjective : public testing::TestWithParam<Pair> {};
INSTANTIATE_TEST_SUITE_P(Registries, EveryBackboneAndObjective, testing::Combine(testing::ValuesIn(every_variant()), testing::ValuesIn(objectives().names())),
                         [](const auto& row) { return std::get<0>(row.param) + "_" + std::get<1>(row.param); });

TEST_P(EveryBackboneAndObjective, HaveTheGradientThatFiniteDifferencesGive) {
  const auto& [backbone, objective] = GetParam();
  Step step(backbone, objective, false, at::kDouble);
  step.loss().backward();
  const Tensor slope_of_rows = step.leaf().grad().clone(), rows = step.rows().clone();
  int checked = 0;
  for (const auto& pair : step.model().named_parameters()) {
    const Tensor& parameter = pair.value();
    if (!parameter.grad().defined()) continue;
    const Tensor slope = parameter.grad().view({-1});
    for (const int64_t at : {parameter.numel() / 3, parameter.numel() / 2}) {
      EXPECT_NEAR(slope[at].item<double>(), difference(step, parameter, at), 1e-5) << pair.key() << " " << at;
    }
    ++checked;
  }
  EXPECT_GT(checked, 8);
  const int64_t width = slope_of_rows.size(1);
  for (int64_t i = 0; i < rows.size(0); ++i) {
    const int64_t column = (3 * i) % width, at = rows[i].item<int64_t>() * width + column;
    EXPECT_NEAR(slope_of_rows[i][column].item<double>(), difference(step, step.model().items().table(), at), 1e-5) << "row " << i;
  }
}

TEST_P(EveryBackboneAndObjective, HaveTheSameGradientFused) {
  const auto& [backbone, objective] = GetParam();
  Step plain(backbone, objective, false, at::kFloat), fused(backbone, objective, true, at::kFloat);
  plain.loss().backward();
  fused.loss().backward();
  const auto same = [](const Tensor& a, const Tensor& b, const std::string& name) {
    EXPECT_LT((a - b).abs().max().item<double>(), 2e-4 * (1 + a.abs().max().item<double>())) << name;
  };
  same(plain.leaf().grad(), fused.leaf().grad(), "ids");
  for (const auto& pair : plain.model().named_parameters()) {
    if (pair.value().grad().defined()) same(pair.value().grad(), fused.model().named_parameters()[pair.key()].grad(), pair.key());
  }
}

}  // namespace
}  // namespace segue
