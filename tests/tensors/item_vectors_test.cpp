#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "fusion/item_vectors.h"
#include "tensors/made_signal.h"
#include "tensors/small_log.h"
#include "training/trainer.h"

namespace segue {
namespace {

constexpr int64_t tracks = 12, width = 8;

/// Rows of tracks 0 … 8; the others were never played.
std::vector<int32_t> rows() { return {0, 1, 2, 3, 4, 5, 6, 7, 8, -1, -1, -1}; }

std::vector<int32_t> all_tracks() {
  std::vector<int32_t> all;
  for (int32_t j = 0; j < tracks; ++j) all.push_back(j);
  return all;
}

TrackSignals some_signals() {
  at::manual_seed(11);
  return {random_signal("lyrics", tracks, 5), random_signal("sound", tracks, 7, 1)};
}

ItemVectors::Options of_width() {
  ItemVectors::Options options;
  options.width = width;
  return options;
}

std::shared_ptr<ItemVectors> made(const std::string& fusion, const Fusion::Options& options, TrackSignals signals, bool unit = true) {
  at::manual_seed(3);
  auto of = of_width();
  of.unit = unit;
  auto items = std::make_shared<ItemVectors>(of, rows(), 9, ItemVectors::Content{fusion, options, std::move(signals)});
  items->standardise();
  const at::NoGradGuard no_grad;
  items->table().copy_(at::randn({9, width}));  // as if something had been learned
  return items;
}

/// Name of a row, whether as published, whether beside the id.
struct Way {
  std::string name;
  bool faithful = false, beside = true;
};
std::ostream& operator<<(std::ostream& out, const Way& way) { return out << way.name; }

std::vector<Way> every_way(bool published = true) {
  std::vector<Way> all;
  for (const auto& name : fusions().names()) {
    all.push_back({name, false, true});
    all.push_back({name, false, false});
  }
  if (!published) return all;
  for (const auto* name : {"concat", "cross_attention", "film", "weighted_sum"}) all.push_back({name, true});
  return all;
}
std::string name_of_way(const testing::TestParamInfo<Way>& row) { return row.param.name + (row.param.faithful ? "_faithful" : row.param.beside ? "_beside" : "_on_top"); }

class EveryFusion : public testing::TestWithParam<Way> {
 protected:
  static Fusion::Options options() {
    Fusion::Options options;
    options.faithful = GetParam().faithful;
    options.beside = GetParam().beside;
    options.heads = 2;
    return options;
  }
  static std::shared_ptr<ItemVectors> items(bool unit = true) { return made(GetParam().name, options(), some_signals(), unit); }
};
INSTANTIATE_TEST_SUITE_P(Registry, EveryFusion, testing::ValuesIn(every_way()), name_of_way);

TEST_P(EveryFusion, HasTheGradientThatFiniteDifferencesGive) {
  const auto one = items();
  one->to(at::kDouble);
  const Tensor weigh = at::randn({tracks, one->width()}, at::kDouble);
  const auto loss = [&](bool learns) { return (one->of(all_tracks(), learns).vectors * weigh).sum(); };
  const auto drawn = one->of(all_tracks(), true);
  (drawn.vectors * weigh).sum().backward();
  const auto difference = [&](const Tensor& numbers, int64_t at) {
    const at::NoGradGuard no_grad;
    Tensor flat = numbers.view({-1});
    const double was = flat[at].item<double>(), by = 1e-6;
    flat[at].fill_(was + by);
    const double up = loss(false).item<double>();
    flat[at].fill_(was - by);
    const double down = loss(false).item<double>();
    flat[at].fill_(was);
    return (up - down) / (2 * by);
  };
  int64_t checked = 0;
  for (const auto& pair : one->named_parameters()) {
    ASSERT_TRUE(pair.value().grad().defined()) << pair.key();
    const Tensor slope = pair.value().grad().view({-1});
    for (int64_t at = 0; at < slope.numel(); at += 1 + slope.numel() / 5) {
      EXPECT_NEAR(slope[at].item<double>(), difference(pair.value(), at), 1e-6) << pair.key() << " " << at;
      ++checked;
    }
  }
  EXPECT_TRUE(checked > 5 || (GetParam().name == "concat" && GetParam().faithful)) << checked;
  for (int64_t i = 0; i < 9; ++i) EXPECT_NEAR(drawn.leaf.grad()[i][i % width].item<double>(), difference(one->table(), i * width + i % width), 1e-6) << i;
}

TEST_P(EveryFusion, SaysTheSameOfATrackAloneAndAmongOthers) {
  const at::NoGradGuard no_grad;
  const auto one = items();
  const Tensor all = one->of(all_tracks(), false).vectors, together = one->all();
  EXPECT_LT((all - together).abs().max().item<double>(), 1e-6);
  for (const int32_t track : {0, 5, 9, 11}) {
    EXPECT_LT((one->of({track}, false).vectors[0] - all[track]).abs().max().item<double>(), 1e-6) << track;
  }
  const Tensor backwards = one->of({11, 4, 4, 0}, false).vectors;
  EXPECT_LT((backwards[1] - all[4]).abs().max().item<double>(), 1e-6);
  EXPECT_LT((backwards[3] - all[0]).abs().max().item<double>(), 1e-6);
}

TEST_P(EveryFusion, TurnsToWhatASignalSaysAndFromWhatItDoesNot) {
  const at::NoGradGuard no_grad;
  const auto one = items(), other = items();
  const Tensor before = one->all();
  auto changed = some_signals();
  std::const_pointer_cast<TrackSignal>(changed[1])->vectors[0].add_(5);  // of the first track that it knows: track 0
  ASSERT_EQ(changed[1]->row[0], 0);
  auto again = std::make_shared<ItemVectors>(of_width(), rows(), 9, ItemVectors::Content{GetParam().name, options(), changed});
  for (auto& pair : again->named_parameters()) pair.value().copy_(one->named_parameters()[pair.key()]);
  for (auto& pair : again->named_buffers()) pair.value().copy_(one->named_buffers()[pair.key()]);
  const Tensor after = again->all();
  EXPECT_GT((after[0] - before[0]).abs().max().item<double>(), 1e-3);
  EXPECT_TRUE(after.narrow(0, 1, tracks - 1).equal(before.narrow(0, 1, tracks - 1)));
}

/// As published the id is one of the parts, and nothing is told apart by a mask: this is true of ours only.
class EveryMended : public EveryFusion {};
INSTANTIATE_TEST_SUITE_P(Registry, EveryMended, testing::ValuesIn(every_way(false)), name_of_way);

TEST_P(EveryMended, IsContentAloneWhereATrackHasNoId) {
  const at::NoGradGuard no_grad;
  const auto one = items();
  const Tensor heard = one->all();
  one->hear({false, {}});
  const Tensor content = one->all();
  EXPECT_TRUE(heard.narrow(0, 9, 3).equal(content.narrow(0, 9, 3)));
  EXPECT_FALSE(heard.narrow(0, 0, 9).equal(content.narrow(0, 0, 9)));
  one->table().zero_();
  one->hear({});
  EXPECT_LT((one->all() - content).abs().max().item<double>(), 1e-6);  // a table of zeros adds nothing
}

TEST_P(EveryMended, HearsASignalThatIsLeftOutAsOneThatKnowsNothing) {
  const at::NoGradGuard no_grad;
  auto silenced = some_signals();
  const auto whole = items();
  whole->hear({true, {"sound"}});
  std::const_pointer_cast<TrackSignal>(silenced[1])->row.assign(tracks, -1);
  auto without = std::make_shared<ItemVectors>(of_width(), rows(), 9, ItemVectors::Content{GetParam().name, options(), silenced});
  for (auto& pair : without->named_parameters()) pair.value().copy_(whole->named_parameters()[pair.key()]);
  for (auto& pair : without->named_buffers()) pair.value().copy_(whole->named_buffers()[pair.key()]);
  EXPECT_TRUE(whole->all().equal(without->all()));
}

TEST(ItemVectors, AreOfLengthOneAndZeroWhereNothingIsKnown) {
  const at::NoGradGuard no_grad;
  auto signals = some_signals();
  for (const auto& signal : signals) std::const_pointer_cast<TrackSignal>(signal)->row[11] = -1;
  const auto one = made("gated", {}, signals);
  const Tensor length = one->all().square().sum(1).sqrt();
  EXPECT_FALSE(one->has(11));
  EXPECT_EQ(length[11].item<double>(), 0);
  for (int64_t j = 0; j < 11; ++j) EXPECT_NEAR(length[j].item<double>(), 1, 1e-5) << j;
}

TEST(ItemVectors, BeginAsContentAndWithoutSignalsAtRandom) {
  ItemVectors::Options options;
  options.width = width;
  const ItemVectors with(options, rows(), 9, {"gated", {}, some_signals()}), without(options, rows(), 9, {});
  EXPECT_EQ(const_cast<ItemVectors&>(with).table().abs().max().item<double>(), 0);
  EXPECT_GT(const_cast<ItemVectors&>(without).table().abs().max().item<double>(), 0.1);
  EXPECT_EQ(without.all().narrow(0, 9, 3).abs().max().item<double>(), 0);
}

TEST(ItemVectors, DrawTheSameForTheSameStepAndHearMostOfIt) {
  const auto one = made("concat", {.drop = 0.3, .drop_id = 0.3}, some_signals());
  Noise first(7, 4), again(7, 4), later(7, 5);
  const Tensor vectors = one->of(all_tracks(), false, &first).vectors;
  EXPECT_TRUE(vectors.equal(one->of(all_tracks(), false, &again).vectors));
  EXPECT_FALSE(vectors.equal(one->of(all_tracks(), false, &later).vectors));
  EXPECT_FALSE(vectors.equal(one->of(all_tracks(), false).vectors));
}

TEST(ItemVectors, RefuseASignalThatThereIsNot) {
  const auto one = made("gated", {}, some_signals());
  try {
    one->hear({true, {"smell"}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "no signal 'smell' in this model; it has: lyrics, sound");
  }
  EXPECT_THROW(made("gated", {.faithful = true}, some_signals()), Error);
  EXPECT_THROW(made("mixed", {}, some_signals()), Error);
}

/// A log of 12 tracks: track 9 is what a listener played first and never again, so it is never a label; 10 and 11 come nowhere.
TEST(ItemVectors, LeaveTracksThatAreNeverALabelAsTheirContent) {
  std::vector<std::vector<int32_t>> plays{{9}, {0}};
  for (int32_t i = 0; i < 60; ++i) plays[static_cast<size_t>(i % 2)].push_back(i * 7 % 9);
  const Log log = small_log(plays, tracks);
  const PlayTable table(log, 2);
  const auto signals = some_signals();
  const auto configuration = small_configuration("sasrec", {"items.signals=[lyrics,sound]", "training.epochs=3", "objective.from=uniform"});
  std::vector<int32_t> row = every_row(10);
  row.resize(tracks, -1);
  const auto model = make_model(configuration, row, 10, 5, signals);
  model->items().standardise();
  const Catalogue catalogue(log.in_catalogue, std::vector<int64_t>(tracks, 1));
  const Scratch scratch;
  const std::vector<Case> cases{{0, 20, 20}, {1, 50, 50}};
  Trainer trainer(*model, table, cases, catalogue, configuration, 5, at::kCPU, {scratch / "run", "x"});
  trainer.learn();
  const Tensor moved = model->items().table().abs().amax(1);
  EXPECT_EQ(moved[9].item<double>(), 0);
  for (int64_t r = 0; r < 9; ++r) EXPECT_GT(moved[r].item<double>(), 0) << r;
}

// Known 1, 3 and 5 in the train tracks: mean 3, deviation √(8/3).
TEST(SignalTower, StandardisesByTrainTracksOnly) {
  const auto signal = made_signal("s", at::tensor({1.F, 3.F, 5.F, 100.F}).view({4, 1}), {true, true, false, true, true});
  SignalTower tower(signal, 4);
  tower.standardise({1, 1, 1, 1, 0});
  const std::vector<int32_t> asked{0, 1, 2, 3, 4};
  const auto told = tower.told(asked);
  const Tensor numbers = tower.standardised(told).view({-1});
  const double deviation = std::sqrt(8.0 / 3);
  for (const auto& [place, expected] : {std::pair(0, -2 / deviation), std::pair(1, 0.0), std::pair(2, 0.0), std::pair(3, 2 / deviation), std::pair(4, 8.0)}) {
    EXPECT_NEAR(numbers[place].item<double>(), expected, 1e-5) << place;  // the last is cut: it lies 59 deviations off
  }
  EXPECT_EQ(told.known.view({-1})[2].item<double>(), 0);
}

TEST(SignalTower, TakesNumbersThatNeverVaryAndThoseThatAreMissingAsTheMean) {
  const Tensor vectors = at::tensor({4.F, 1.F, 4.F, 3.F, 4.F, 0.F}).view({3, 2});
  auto signal = made_signal("s", vectors, {true, true, true});
  signal->mask = at::tensor({1.F, 1.F, 1.F, 1.F, 1.F, 0.F}).view({3, 2});
  SignalTower tower(signal, 4);
  tower.standardise({1, 1, 1});
  const std::vector<int32_t> asked{0, 1, 2};
  const Tensor numbers = tower.standardised(tower.told(asked));
  EXPECT_EQ(numbers.select(1, 0).abs().max().item<double>(), 0);
  EXPECT_NEAR(numbers[0][1].item<double>(), -1, 1e-5);
  EXPECT_NEAR(numbers[1][1].item<double>(), 1, 1e-5);
  EXPECT_NEAR(numbers[2][1].item<double>(), 0, 1e-6);
}

TEST(SignalTower, TellsWhatIsSilentFromWhatIsMissing) {
  auto signal = made_signal("lyrics", at::randn({1, 3}), {true, false, false});
  signal->silent[2] = 1;
  SignalTower tower(signal, 4);
  tower.standardise({1, 1, 1});
  const at::NoGradGuard no_grad;
  const std::vector<int32_t> asked{1, 2};
  const Tensor said = tower.forward(tower.told(asked));
  EXPECT_FALSE(said[0].equal(said[1]));
}

TEST(SignalTower, RefusesASignalThatKnowsNoTrackThatIsLearnedFrom) {
  SignalTower tower(made_signal("s", at::randn({1, 3}), {false, false, true}), 4);
  EXPECT_THROW(tower.standardise({1, 1, 0}), Error);
  EXPECT_NO_THROW(tower.standardise({0, 0, 1}));
}

}  // namespace
}  // namespace segue
