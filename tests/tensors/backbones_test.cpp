#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "ranking/backbone_states.h"
#include "support/scratch.h"
#include "tensors/small_log.h"
#include "training/trainer.h"

namespace segue {
namespace {

class EveryBackbone : public testing::TestWithParam<std::string> {
 protected:
  std::shared_ptr<SequenceModel> model(int64_t tracks, std::vector<std::string> settings = {}) const {
    return make_model(small_configuration(GetParam(), std::move(settings)), every_row(tracks), tracks, 7);
  }
};
INSTANTIATE_TEST_SUITE_P(Registry, EveryBackbone, testing::ValuesIn(every_variant()), [](const auto& row) { return row.param; });

const std::vector<std::vector<int32_t>> plays{{0, 1, 2, 3, 1, 2, 5, 0, 4, 1, 2}, {6, 7, 6, 7, 0, 1}, {3, 4, 5}};

Tensor states(SequenceModel& model, const PlayTable& table, const std::vector<Window>& windows) {
  const at::NoGradGuard no_grad;
  StepTracks tracks(table.log().tracks);
  const Batch batch = make_batch(table, windows, 12, tracks);
  return model.states(batch, model.items().of(tracks.tracks(), false).vectors);
}

TEST_P(EveryBackbone, GivesAStateOfTheRightShapeAtEveryPosition) {
  const Log log = small_log(plays, 8);
  const PlayTable table(log, 2);
  const auto made = states(*model(8), table, {table.window(0, 11, 0), table.window(11, 17, 11)});
  EXPECT_EQ(made.sizes(), (std::vector<int64_t>{2, 11, 16}));
}

TEST_P(EveryBackbone, AnswersTheSameWithPaddingAsWithout) {
  const Log log = small_log(plays, 8);
  const PlayTable table(log, 2);
  const auto one = model(8);
  const Tensor alone = states(*one, table, {table.window(11, 17, 11)}), beside = states(*one, table, {table.window(0, 11, 0), table.window(11, 17, 11)});
  EXPECT_LT((alone[0] - beside[1].narrow(0, 0, 6)).abs().max().item<double>(), 1e-5);
}

TEST_P(EveryBackbone, SeesNoFutureIfItIsCausal) {
  const auto one = model(8);
  if (!one->backbone().causal()) GTEST_SKIP() << GetParam() << " sees the whole window";
  auto later = plays;
  later[0][7] = 6;
  later[0][10] = 7;
  const Log log = small_log(plays, 8), changed = small_log(later, 8);
  const PlayTable table(log, 2), other(changed, 2);
  const Tensor before = states(*one, table, {table.window(0, 11, 0)})[0], after = states(*one, other, {other.window(0, 11, 0)})[0];
  EXPECT_LT((before.narrow(0, 0, 7) - after.narrow(0, 0, 7)).abs().max().item<double>(), 1e-6);
  EXPECT_GT((before[7] - after[7]).abs().max().item<double>(), 1e-4);
}

TEST_P(EveryBackbone, DoesNotSeeWhatIsHidden) {
  const auto one = model(8);
  if (one->backbone().causal()) GTEST_SKIP() << GetParam() << " is trained on the next play";
  auto other_plays = plays;
  other_plays[0][4] = 6;
  const Log log = small_log(plays, 8), changed = small_log(other_plays, 8);
  const PlayTable table(log, 2), other(changed, 2);
  Window window = table.window(0, 11, 0);
  window.hidden = {0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  // Play 9 is the same track as play 4: what followed it before is what followed the hidden one.
  const Tensor before = states(*one, table, {window})[0], after = states(*one, other, {window})[0];
  EXPECT_LT((before - after).abs().max().item<double>(), 1e-6);
}

TEST_P(EveryBackbone, HasTheGradientThatFiniteDifferencesGive) {
  const Log log = small_log(plays, 8);
  const PlayTable table(log, 2);
  const auto one = model(8);
  one->to(at::kDouble);
  const auto items = one->items().of({0, 1, 2, 3, 4, 5, 6, 7}, false).vectors.to(at::kDouble);
  StepTracks tracks(8);
  for (int32_t j = 0; j < 8; ++j) tracks.place_of(j);
  Window window = table.window(0, 11, 0);
  if (!one->backbone().causal()) window.hidden = {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1};
  Batch batch = make_batch(table, std::vector<Window>{window}, 12, tracks);
  batch.gap_s = batch.gap_s.to(at::kDouble);
  batch.completion = batch.completion.to(at::kDouble);
  const auto value = [&] { return (one->states(batch, items) * items[3]).sum() * one->scale(); };
  value().backward();
  int checked = 0;
  for (auto& pair : one->named_parameters()) {
    Tensor parameter = pair.value();
    if (!parameter.grad().defined() || parameter.numel() == 0) continue;
    const at::NoGradGuard no_grad;
    Tensor flat = parameter.view({-1}), slope = parameter.grad().view({-1});
    const int64_t at = parameter.numel() / 2;
    const double was = flat[at].item<double>(), step = 1e-6;
    flat[at].fill_(was + step);
    const double up = value().item<double>();
    flat[at].fill_(was - step);
    const double down = value().item<double>();
    flat[at].fill_(was);
    EXPECT_NEAR(slope[at].item<double>(), (up - down) / (2 * step), 1e-5) << pair.key();
    ++checked;
  }
  EXPECT_GT(checked, 8);
}

TEST_P(EveryBackbone, RefusesASettingItDoesNotHave) {
  try {
    small_configuration(GetParam(), {"backbone.blokcs=3"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("no setting 'blokcs'"), std::string::npos) << error.what();
  }
}

TEST_P(EveryBackbone, LearnsEightSessionsByHeart) {
  std::vector<std::vector<int32_t>> sessions;
  for (int32_t s = 0; s < 8; ++s) {
    sessions.emplace_back();
    for (int32_t i = 0; i < 8; ++i) sessions.back().push_back((s * 5 + i * (1 + s % 3)) % 40);
  }
  const Log log = small_log(sessions, 40);
  const PlayTable table(log, 2);
  const Scratch scratch;
  const auto configuration = small_configuration(GetParam(), {"training.epochs=250", "training.patience=1000", "training.validate_every=250", "optimiser.rate=0.01", "objective.name=full", "items.width=32"});
  const auto one = make_model(configuration, every_row(40), 40, 3);
  std::vector<Case> cases;
  for (int32_t u = 0; u < 8; ++u) cases.push_back({u, log.first[static_cast<size_t>(u)] + 7, log.first[static_cast<size_t>(u)] + 7});
  const Catalogue catalogue(log.in_catalogue, std::vector<int64_t>(40, 1));
  Trainer trainer(*one, table, cases, catalogue, configuration, 3, at::kCPU, {scratch / "run", "x"});
  trainer.learn();
  EXPECT_EQ(trainer.best().recall_10, 1.0);
  EXPECT_GT(trainer.best().ndcg_10, 0.95);
}

TEST_P(EveryBackbone, GoesOnFromACheckpointToTheSameBits) {
  std::vector<std::vector<int32_t>> many(6);
  for (int32_t i = 0; i < 300; ++i) many[static_cast<size_t>(i % 6)].push_back((i * i + 3 * i) % 30);
  const Log log = small_log(many, 30);
  const PlayTable table(log, 2);
  const Scratch scratch;
  const Catalogue catalogue(log.in_catalogue, std::vector<int64_t>(30, 1));
  const std::vector<Case> cases{{0, 40, 40}, {1, 90, 90}};
  const auto learn = [&](const std::string& folder, int64_t epochs, const std::vector<std::string>& more) {
    std::vector<std::string> settings{"training.epochs=4", "backbone.dropout=0.2", "training.checkpoint_every=3"};
    settings.insert(settings.end(), more.begin(), more.end());
    const auto configuration = small_configuration(GetParam(), settings);
    const auto one = make_model(configuration, every_row(30), 30, 5);
    Trainer trainer(*one, table, cases, catalogue, configuration, 5, at::kCPU, {scratch / folder, "same"});
    trainer.stop_after(epochs);
    trainer.learn();
    return weights_of(*one);
  };
  const auto whole = learn("whole", -1, {});
  for (const int64_t stop : {2, 7, 13}) {
    learn("broken", stop, {});
    const auto resumed = learn("broken", -1, {});
    for (const auto& [name, tensor] : whole) EXPECT_TRUE(tensor.equal(resumed.at(name))) << name << " after stopping at step " << stop;
    std::filesystem::remove_all(scratch / "broken");
  }
}

TEST_P(EveryBackbone, GivesTheSameStatesInWindowsReadOnceAsWhereTheWholeHistoryFits) {
  const Log log = small_log(plays, 8);
  const PlayTable table(log, 2);
  const auto one = model(8);
  std::vector<Asked> asked;
  for (int64_t to = 1; to < 11; ++to) asked.push_back(asked_of(log, {0, to, to}));
  const auto once = states_of(*one, table, asked, {.length = 12}), each = states_of(*one, table, asked, {.length = 12, .case_by_case = true});
  for (size_t i = 0; i < once.size(); ++i) ASSERT_NEAR(once[i], each[i], 1e-5);
}

}  // namespace
}  // namespace segue
