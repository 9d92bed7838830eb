#include "backbones/finish.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include "evaluation/finish.h"
#include "ranking/backbone_states.h"
#include "support/scratch.h"
#include "tensors/small_log.h"
#include "training/trainer.h"

namespace segue {
namespace {

constexpr int32_t N = 20;

/// Twelve listeners who play forty tracks in no order, the last ten in the part `val`; how far a play is heard says
/// `finished`, of its track and the one before it.
Log planted(bool (*finished)(int32_t track, int32_t before)) {
  std::vector<std::vector<int32_t>> plays(12);
  uint64_t random = 12345;
  for (auto& listener : plays) {
    for (int i = 0; i < 40; ++i) {
      random = random * 6364136223846793005 + 1442695040888963407;
      listener.push_back(static_cast<int32_t>((random >> 33) % N));
    }
  }
  Log log = small_log(plays, N);
  for (size_t i = 0; i < log.track.size(); ++i) {
    log.completion_kind[i] = CompletionKind::real;
    log.completion[i] = finished(log.track[i], i % 40 == 0 ? 0 : log.track[i - 1]) ? 1.0F : 0.1F;
    if (i % 40 >= 30) log.part[i] = Part::val;
  }
  return log;
}

bool by_track(int32_t track, int32_t) { return track < N / 2; }
bool by_last_play(int32_t, int32_t before) { return before % 2 == 0; }

std::vector<Case> cases_of(const Log& log) {
  std::vector<Case> cases;
  for (int32_t u = 0; u < 12; ++u) {
    for (int64_t i = log.first[static_cast<size_t>(u)] + 30; i < log.first[static_cast<size_t>(u) + 1]; ++i) cases.push_back({u, i, i});
  }
  return cases;
}

/// What a model that learned from the log says on the cases, beside the counters; every place of the targets, in score.
struct Learned {
  explicit Learned(Log given, const std::vector<std::string>& more = {}) : log(std::move(given)), table(log, 2) {
    std::vector<std::string> settings{"finish.weight=1", "training.epochs=40", "training.patience=1000", "training.validate_every=40", "optimiser.rate=0.01", "plays.completion=false"};
    settings.insert(settings.end(), more.begin(), more.end());
    configuration = std::make_unique<Configuration>(small_configuration("sasrec", settings));
    model = make_model(*configuration, every_row(N), N, 5);
    const Catalogue catalogue(log.in_catalogue, std::vector<int64_t>(N, 1));
    const Scratch scratch;
    Trainer trainer(*model, table, cases_of(log), catalogue, *configuration, 5, at::kCPU, {scratch / "run", "same"});
    trainer.learn();
  }
  FinishResult judged() const {
    const auto cases = cases_of(log);
    std::vector<Asked> asked;
    std::vector<int32_t> targets;
    for (const Case& c : cases) {
      asked.push_back(asked_of(log, c));
      targets.push_back(log.track[static_cast<size_t>(c.target)]);
    }
    const auto states = states_of(*model, table, asked, {.length = 12});
    const auto odds = floats_of(model->finish()->log_odds(tensor_of(states, {std::ssize(cases), 16}), model->items().of(targets, false).vectors));
    return judge_finish({log, Part::val, 1}, cases, std::vector<double>(odds.begin(), odds.end()), 0.9);
  }

  Log log;
  PlayTable table;
  std::unique_ptr<Configuration> configuration;
  std::shared_ptr<SequenceModel> model;
};

double by(const Tensor& numbers, int64_t at, const std::function<Tensor()>& loss) {
  const at::NoGradGuard no_grad;
  Tensor flat = numbers.view({-1});
  const double was = flat[at].item<double>(), step = 1e-6;
  flat[at].fill_(was + step);
  const double up = loss().item<double>();
  flat[at].fill_(was - step);
  const double down = loss().item<double>();
  flat[at].fill_(was);
  return (up - down) / (2 * step);
}

TEST(Finish, HasTheGradientThatFiniteDifferencesGive) {
  at::manual_seed(3);
  Finish finish({.weight = 1}, 4, true);
  finish.to(at::kDouble);
  for (auto& parameter : finish.parameters()) parameter.set_data(at::randn(parameter.sizes(), at::kDouble));
  const Tensor states = at::randn({5, 4}, at::kDouble).requires_grad_(), items = at::randn({5, 4}, at::kDouble).requires_grad_();
  const Tensor completion = tensor_of(std::vector<float>{1, 0.9F, 0.89F, -1, 0}, {5}).to(at::kDouble);
  const auto loss = [&] { return finish.loss(states, items, completion); };
  loss().backward();
  std::vector<std::pair<std::string, Tensor>> all{{"states", states}, {"items", items}};
  for (const auto& pair : finish.named_parameters()) all.emplace_back(pair.key(), pair.value());
  for (const auto& [name, numbers] : all) {
    for (int64_t at = 0; at < numbers.numel(); ++at) EXPECT_NEAR(numbers.grad().view({-1})[at].item<double>(), by(numbers.detach(), at, loss), 1e-6 * (1 + numbers.grad().abs().max().item<double>())) << name << " " << at;
  }
  EXPECT_EQ(states.grad()[3].abs().max().item<double>(), 0) << "nothing is known of that play";
}

TEST(Finish, BeginsWithEvenOddsAndCountsWhatIsKnownOnly) {
  const Finish finish({.weight = 1}, 4, false);
  const Tensor states = at::randn({3, 4}), items = at::randn({3, 4});
  const auto loss = [&](const std::vector<float>& completion) { return finish.loss(states, items, tensor_of(completion, {3})).item<double>(); };
  EXPECT_NEAR(loss({1, 0, 0.5F}), 3 * std::log(2.0), 1e-6);
  EXPECT_NEAR(loss({1, -1, -1}), std::log(2.0), 1e-6);
  EXPECT_EQ(loss({-1, -1, -1}), 0);
}

/// What autograd says of objective / weight + finish.weight · mean, over the whole batch at once.
TEST(Finish, HasInAStepTheGradientOfItsMeanBesideThatOfTheObjective) {
  Log log = planted(by_track);
  for (size_t i = 0; i < log.track.size(); i += 3) log.completion_kind[i] = CompletionKind::unknown;
  const PlayTable table(log, 2);
  const auto configuration = small_configuration("sasrec", {"finish.weight=0.7", "objective.fused=false"});
  const auto model = make_model(configuration, every_row(N), N, 5);
  for (auto& parameter : model->finish()->parameters()) parameter.set_data(at::randn(parameter.sizes()));
  const Sampler sampler(table, configuration.windows, Part::gate, true, 5);
  const auto objective = objectives().at("sampled")(configuration.objective_options);
  const NegativeSampler negatives(sampler.plays(), objective->negatives(), 0.75, 5);
  StepMaker maker({table, sampler, negatives, 16, false}, at::kCPU);
  Step step = maker.make(sampler.epoch(0).front(), 0, {}, 1, 5);
  const Shard& shard = step.shards.front();
  ASSERT_LT(step.completions, step.labels);
  ASSERT_GT(step.completions, 0);
  EXPECT_EQ(step.completions, shard.completion.ge(0).sum().item<int64_t>());

  const Tensor vectors = model->items().of(step.tracks, false).vectors.detach().requires_grad_();
  Targets targets{.states = model->states_at(shard.batch, vectors, shard.position), .vectors = vectors, .scale = model->scale(), .label = shard.label, .weight = shard.weight,
                  .negative = shard.negative, .log_expected = step.log_expected, .sampling_rate = step.sampling_rate};
  const Tensor second = model->finish()->loss(targets.states, vectors.index_select(0, shard.label), shard.completion) / static_cast<double>(step.completions);
  const Tensor loss = objective->loss(targets) / step.weight + 0.7 * second;
  loss.backward();
  std::vector<Tensor> expected;
  for (auto& parameter : model->reading_parameters()) expected.push_back(parameter.grad().defined() ? parameter.grad().clone() : at::zeros_like(parameter));

  Shards shards(*model, configuration, *objective, 1);
  const auto found = shards.of(step, {vectors.detach(), {}});
  EXPECT_NEAR(found.loss / step.weight, loss.item<double>(), 1e-5);
  EXPECT_LT((found.vectors.read - vectors.grad()).abs().max().item<double>(), 1e-5);
  const auto parameters = model->reading_parameters();
  for (size_t i = 0; i < parameters.size(); ++i) EXPECT_LT((parameters[i].grad() - expected[i]).abs().max().item<double>(), 1e-5) << i;
}

TEST(Finish, ChangesNothingWhereItIsOff) {
  const auto off = weights_of(*make_model(small_configuration("sasrec"), every_row(N), N, 5));
  const auto on = weights_of(*make_model(small_configuration("sasrec", {"finish.weight=1", "plays.stopped=true"}), every_row(N), N, 5));
  EXPECT_EQ(on.size(), off.size() + 5);
  for (const auto& [name, tensor] : off) EXPECT_TRUE(tensor.equal(on.at(name))) << name;
  for (const char* name : {"finish.pair", "finish.item", "finish.state", "finish.base", "plays.stopped"}) EXPECT_TRUE(on.contains(name)) << name;
}

TEST(Finish, LearnsWhichTracksAreBrokenOff) {
  const auto found = Learned(planted(by_track)).judged();
  EXPECT_GT(found.model->low, 0.9);
  EXPECT_GT(found.by_track->low, 0.9);  // so does a counter
  EXPECT_LT(found.by_listener->mean, 0.7);
}

TEST(Finish, LearnsThatTheLastPlayDecides) {
  const auto found = Learned(planted(by_last_play)).judged();
  EXPECT_GT(found.model->low, 0.9);
  EXPECT_LT(found.by_track->mean, 0.7);
  EXPECT_LT(found.by_listener->mean, 0.7);
}

TEST(Finish, InScoreMovesTracksThatAreFinishedUp) {
  const auto mean_rank = [](const std::string& in_score) {
    const Learned learned(planted(by_track), {"finish.in_score=" + in_score});
    const auto made = vector_model(*learned.model, learned.table, {.length = 12});
    std::vector<Asked> asked;
    for (const Case& c : cases_of(learned.log)) asked.push_back(asked_of(learned.log, c));
    const auto states = made.states(asked);
    const auto packed = made.packed();
    const Catalogue catalogue(learned.log.in_catalogue, std::vector<int64_t>(N, 1));
    double sum = 0;
    for (const auto& best : packed.best({states}, N, catalogue)) {
      for (size_t place = 0; place < best.size(); ++place) sum += best[place].track < N / 2 ? static_cast<double>(place + 1) : 0.0;
    }
    return sum / static_cast<double>(asked.size()) / (N / 2);
  };
  const double without = mean_rank("0"), with = mean_rank("20");
  EXPECT_NEAR(without, (N + 1) / 2.0, 2);
  EXPECT_LT(with, 6.0);  // first to tenth: 5.5
}

/// exp(τ) cos + λ log-odds, less what is the same for all tracks; of a track that is not known nothing, as before.
void expect_scores(SequenceModel& model, const PlayTable& table, double lambda, int64_t width) {
  for (auto& parameter : model.finish()->parameters()) parameter.set_data(at::randn(parameter.sizes()));
  const at::NoGradGuard no_grad;
  const auto made = vector_model(model, table, {.length = 12});
  ASSERT_EQ(made.width, width + 1);
  const Log& log = table.log();
  const std::vector<Asked> asked{asked_of(log, {0, 5, 5}), asked_of(log, {1, 52, 52}), {2, 80, 80, 1000, true}};
  const auto wide = made.states(asked), narrow = states_of(model, table, asked, {.length = 12});
  ASSERT_EQ(wide.size(), narrow.size() + 3);
  const Tensor items = model.scored().all(), states = tensor_of(narrow, {3, width});
  const auto same = model.finish()->log_odds(states, at::zeros({3, width}));
  const auto packed = made.packed();
  for (int64_t q = 0; q < 2; ++q) {
    for (int32_t j = 0; j + 1 < N; ++j) {
      const Tensor item = items.narrow(0, j, 1), state = states.narrow(0, q, 1);
      const double expected = (state * item).sum().item<double>() * model.scale().item<double>() +
                              lambda * (model.finish()->log_odds(state, item) - same[q]).item<double>();
      EXPECT_NEAR(packed.product(wide.data() + q * (width + 1), j), expected, 1e-3) << q << " " << j;
    }
  }
  for (int64_t d = 0; d <= width; ++d) EXPECT_EQ(wide[static_cast<size_t>(2 * (width + 1) + d)], 0) << "nothing was heard";
  EXPECT_EQ(made.known.back(), 0);
  for (int64_t d = 0; d <= width; ++d) EXPECT_EQ(made.vectors[static_cast<size_t>((N - 1) * (width + 1) + d)], 0) << "nothing is known";
}

std::vector<int32_t> all_but_the_last() {
  auto rows = every_row(N);
  rows.back() = -1;
  return rows;
}

TEST(Finish, CountsInTheScoreAsItSays) {
  const Log log = planted(by_track);
  const PlayTable table(log, 2);
  for (const std::string variant : {"sasrec", "gru4rec", "language"}) {
    const auto model = make_model(small_configuration(variant, {"finish.weight=1", "finish.in_score=1.5"}), all_but_the_last(), N, 5);
    expect_scores(*model, table, 1.5, 16);
  }
  const auto head = make_model(small_configuration("language_response", {"items.width=8", "backbone.head=classifier", "finish.weight=1", "finish.in_score=1.5"}), all_but_the_last(), N, 5);
  expect_scores(*head, table, 1.5, head->scored().width());
  EXPECT_NE(head->scored().width(), head->items().width());
}

TEST(Finish, CountsWhereAListenerIsRecollected) {
  const Log log = planted(by_track);
  const PlayTable table(log, 2);
  const auto model = make_model(small_configuration("language", {"finish.weight=1", "finish.in_score=1"}), every_row(N), N, 5);
  std::map<int32_t, Recollection> known;
  const std::vector<Asked> asked{asked_of(log, {0, 9, 9}), asked_of(log, {1, 44, 44})};
  const auto kept = vector_model(*model, table, {.length = 12, .recollection = [&](int32_t who) { return &known[who]; }}).states(asked);
  const auto anew = vector_model(*model, table, {.length = 12}).states(asked);
  ASSERT_EQ(kept.size(), anew.size());
  for (size_t i = 0; i < kept.size(); ++i) EXPECT_NEAR(kept[i], anew[i], 1e-5) << i;
  EXPECT_EQ(known[0].read, 9);
}

TEST(Finish, RefusesWhatCantBe) {
  for (const char* setting : {"finish.weight=-1", "finish.weight=.nan", "finish.share=0", "finish.share=1.1", "finish.in_score=-1", "finish.in_score=1", "finish.wieght=1"}) {
    EXPECT_THROW(small_configuration("sasrec", {setting}), Error) << setting;
  }
  EXPECT_NO_THROW(small_configuration("sasrec", {"finish.weight=0.5", "finish.in_score=1"}));
  Log silent = planted(by_track);
  silent.completion_kind.assign(silent.completion_kind.size(), CompletionKind::unknown);
  EXPECT_THROW(Learned{silent}, Error);
}

/// Played times are known of the second and third play, of which the second was stopped early on.
TEST(PlayVectors, TellAnEarlyStopFromAPlayOfWhichLittleWasHeard) {
  Log log = small_log({{0, 1, 2, 3}}, 4);
  log.completion = {0.1F, 0.2F, 0.25F, 0.1F};
  log.completion_kind = {CompletionKind::unknown, CompletionKind::real, CompletionKind::real, CompletionKind::inferred};
  const PlayTable table(log, 0);
  StepTracks tracks(4);
  const Batch batch = make_batch(table, std::vector<Window>{{0, 4, 0}}, 4, tracks);
  PlayVectors plays({.stopped = true, .followed = false}, 3);
  const Tensor vectors = at::zeros({4, 3}), before = plays.forward(batch, vectors);
  plays.named_parameters()["stopped"].data().fill_(7);
  const Tensor moved = plays.forward(batch, vectors) - before;
  for (int64_t t = 0; t < 4; ++t) EXPECT_EQ(moved[0][t][0].item<float>(), t == 1 ? 7 : 0) << t;
}

}  // namespace
}  // namespace segue
