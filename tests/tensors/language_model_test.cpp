#include "backbones/language_model.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "ranking/backbone_states.h"
#include "tensors/small_log.h"
#include "text/tokenizer.h"
#include "training/trainer.h"

namespace segue {
namespace {

const std::vector<std::vector<int32_t>> plays{{0, 1, 2, 3, 1, 2, 5, 0, 4, 1, 2}, {6, 7, 6, 7, 0, 1}, {3, 4, 5}};

std::shared_ptr<SequenceModel> model(std::vector<std::string> settings) { return make_model(small_configuration("language", std::move(settings)), every_row(8), 8, 7); }

std::string refusal(std::vector<std::string> settings) {
  try {
    model(std::move(settings));
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was refused";
}

void expect_says(const std::string& said, const char* what) { EXPECT_NE(said.find(what), std::string::npos) << said; }

/// States of all questions of the first two listeners.
std::vector<float> answers(SequenceModel& model, const PlayTable& table, ReadOptions options, int64_t from_play = 1) {
  std::vector<Asked> asked;
  for (int64_t to = from_play; to < 11; ++to) asked.push_back(asked_of(table.log(), {0, to, to}));
  return states_of(model, table, asked, options);
}

TEST(LanguageModel, SaysWhatCannotBe) {
  expect_says(refusal({"backbone.folder=\"\""}), "names no language model");
  expect_says(refusal({"backbone.folder=/nowhere"}), "no language model here");
  expect_says(refusal({"backbone.pool=middle"}), "backbone.pool: 'middle'; known: positions, response");
  expect_says(refusal({"backbone.head=loose"}), "known: tied, classifier");
  expect_says(refusal({"backbone.pool=response"}), "wants words behind the tracks");
  expect_says(refusal({"backbone.positions=8"}), "no room for a play");
  expect_says(refusal({"backbone.positions=65"}), "knows 64");
  expect_says(refusal({"backbone.rank=-1"}), "backbone.rank");
  expect_says(refusal({"backbone.dropout=1"}), "backbone.dropout");
  expect_says(refusal({"backbone.told=-1"}), "backbone.told");
  expect_says(refusal({"backbone.adapter=/nowhere"}), "no adapter here");
  expect_says(refusal({"backbone.adapt=[q_proj, x_proj]"}), "no layer 'x_proj'");
  expect_says(refusal({"backbone.fingerprint=0123456789abcdef"}), "not the language model that this run was trained over");
}

/// The budget: instruction and response stay, the oldest plays go and are counted.
TEST(LanguageModel, LeavesOutTheOldestPlaysThatHaveNoRoom) {
  const Log log = small_log(plays, 8);
  const PlayTable table(log, 2);
  const auto narrow = model({"backbone.positions=13"}), wide = model({});  // 8 of instruction, 5 left
  EXPECT_EQ(narrow->backbone().most_plays(), 5);
  const VectorModel vectors = vector_model(*narrow, table, {.length = 12, .case_by_case = true});
  std::vector<Asked> asked;
  for (int64_t to = 1; to < 11; ++to) asked.push_back(asked_of(log, {0, to, to}));
  const auto narrow_states = vectors.states(asked), wide_states = states_of(*wide, table, asked, {.length = 5, .case_by_case = true});
  ASSERT_EQ(narrow_states.size(), wide_states.size());
  for (size_t i = 0; i < narrow_states.size(); ++i) EXPECT_NEAR(narrow_states[i], wide_states[i], 1e-5);
  EXPECT_EQ(vectors.note(), "reads 5 plays of 12: 15 older ones of 5 questions left out");
}

TEST(LanguageModel, DoesNotDependOnWhoElseIsInTheBatch) {
  const Log log = small_log(plays, 8);
  const PlayTable table(log, 2);
  for (const char* pool : {"positions", "response"}) {
    const auto one = model({std::string("backbone.pool=") + pool, "backbone.response=so"});
    const auto together = answers(*one, table, {.length = 12, .plays = 100}), each = answers(*one, table, {.length = 12, .plays = 1}), cases = answers(*one, table, {.length = 12, .case_by_case = true});
    for (size_t i = 0; i < together.size(); ++i) {
      EXPECT_NEAR(together[i], each[i], 1e-5);
      EXPECT_NEAR(together[i], cases[i], 1e-5);
    }
  }
}

TEST(LanguageModel, GoesOnFromWhatItHasReadWithOneTokenAPlay) {
  const Log log = small_log(plays, 8);
  const PlayTable table(log, 2);
  const auto one = model({});
  std::map<int32_t, Recollection> known;
  const ReadOptions keeping{.length = 6, .recollection = [&](int32_t who) { return &known[who]; }};
  std::vector<int64_t> read;
  for (int64_t to = 1; to < 11; ++to) {
    const std::vector<Asked> asked{asked_of(log, {0, to, to})};
    const auto kept = states_of(*one, table, asked, keeping), anew = states_of(*one, table, asked, {.length = 6});
    for (size_t i = 0; i < kept.size(); ++i) EXPECT_NEAR(kept[i], anew[i], 1e-5) << to;
    read.push_back(known[0].read);
  }
  // Of six plays the older three go when a seventh comes, and the other four are read anew.
  EXPECT_EQ(read, (std::vector<int64_t>{1, 2, 3, 4, 5, 6, 10, 11, 12, 16}));
}

TEST(LanguageModel, GoesOnWithSeveralListenersAtOnce) {
  const Log log = small_log(plays, 8);
  const PlayTable table(log, 2);
  const auto one = model({});
  std::map<int32_t, Recollection> known;
  const ReadOptions keeping{.length = 12, .recollection = [&](int32_t who) { return &known[who]; }};
  states_of(*one, table, std::vector<Asked>{asked_of(log, {0, 7, 7}), asked_of(log, {2, log.first[2] + 1, log.first[2] + 1})}, keeping);
  const std::vector<Asked> asked{asked_of(log, {0, 9, 9}), asked_of(log, {1, log.first[1] + 4, log.first[1] + 4}), asked_of(log, {2, log.first[2] + 2, log.first[2] + 2}),
                                 asked_of(log, {0, 10, 10})};  // two more, four that are new, one more, and the first again
  const auto kept = states_of(*one, table, asked, keeping), anew = states_of(*one, table, asked, {.length = 12});
  for (size_t i = 0; i < kept.size(); ++i) EXPECT_NEAR(kept[i], anew[i], 1e-5) << i;
  EXPECT_EQ(known[0].read, 10);
  EXPECT_EQ(known[1].read, 4);
  EXPECT_EQ(known[2].read, 2);
}

TEST(LanguageModel, ScoresTracksByAClassifierOfItsOwn) {
  std::vector<std::vector<int32_t>> sessions;
  for (int32_t s = 0; s < 8; ++s) {
    sessions.emplace_back();
    for (int32_t i = 0; i < 8; ++i) sessions.back().push_back((s * 5 + i * (1 + s % 3)) % 40);
  }
  const Log log = small_log(sessions, 40);
  const PlayTable table(log, 2);
  std::vector<Case> cases;
  for (int32_t u = 0; u < 8; ++u) cases.push_back({u, log.first[static_cast<size_t>(u)] + 7, log.first[static_cast<size_t>(u)] + 7});
  const Catalogue catalogue(log.in_catalogue, std::vector<int64_t>(40, 1));
  const auto configuration = small_configuration("language_response", {"backbone.head=classifier", "training.epochs=200", "training.patience=1000", "training.validate_every=200", "optimiser.rate=0.01", "objective.name=full", "items.frozen=true"});
  const auto one = make_model(configuration, every_row(40), 40, 3);
  EXPECT_EQ(one->scored().width(), 16);  // of a state
  EXPECT_NE(&one->scored(), &one->items());
  const Tensor before = one->items().table().clone(), head = one->scored().table().clone();
  const Scratch scratch;
  Trainer trainer(*one, table, cases, catalogue, configuration, 3, at::kCPU, {scratch / "run", "x"});
  trainer.learn();
  EXPECT_GT(trainer.best().recall_10, 0.9);
  EXPECT_TRUE(one->items().table().equal(before));
  EXPECT_FALSE(one->scored().table().equal(head));
}

/// Every factor of the adapter moves when it learns; one that does not would be dead weight.
TEST(LanguageModel, MovesEveryFactorOfItsAdapter) {
  const Log log = small_log(plays, 8);
  const PlayTable table(log, 2);
  const Catalogue catalogue(log.in_catalogue, std::vector<int64_t>(8, 1));
  const auto configuration = small_configuration("language", {"training.epochs=3", "training.patience=1000"});
  const auto one = make_model(configuration, every_row(8), 8, 3);
  std::map<std::string, Tensor> before;
  for (const auto& pair : one->named_parameters()) before[pair.key()] = pair.value().detach().clone();
  const Scratch scratch;
  Trainer trainer(*one, table, std::vector<Case>{{0, 10, 10}}, catalogue, configuration, 3, at::kCPU, {scratch / "run", "x"});
  trainer.learn();
  int factors = 0;
  for (const auto& pair : one->named_parameters()) {
    if (pair.key().find("lora_") == std::string::npos) continue;
    EXPECT_FALSE(pair.value().equal(before.at(pair.key()))) << pair.key();
    ++factors;
  }
  EXPECT_EQ(factors, 28);
}

TEST(LanguageModel, BeginsWithAnAdapterFromElsewhere) {
  const Scratch scratch;
  Decoder decoder(language_folder());
  add_adapter(decoder, {.rank = 3, .alpha = 5, .layers = {"q_proj", "up_proj"}}, 9);
  for (auto& [name, weight] : adapter_weights(decoder)) {
    const at::NoGradGuard no_grad;
    weight.add_(0.1);
  }
  save_adapter(decoder, {.rank = 3, .alpha = 5, .layers = {"q_proj", "up_proj"}}, scratch.folder(), "made");
  const auto configuration = small_configuration("language", {"backbone.adapter=" + scratch.folder().string()});
  const auto section = configuration.resolved()["backbone"];
  EXPECT_EQ(section["rank"].as<int>(), 3);
  EXPECT_EQ(section["alpha"].as<double>(), 5);
  const auto one = make_model(configuration, every_row(8), 8, 3);
  int same = 0;
  const auto weights = adapter_weights(decoder);
  for (const auto& pair : one->named_parameters()) {
    for (const auto& [name, weight] : weights) {
      std::string plain = name;
      std::replace(plain.begin(), plain.end(), '.', '_');
      if (pair.key() == "backbone." + plain) same += pair.value().equal(weight) ? 1 : 0;
    }
  }
  EXPECT_EQ(same, 8);
}

/// Words of the last plays change the answer, belong to their row, and are cut from the oldest.
TEST(LanguageModel, IsToldOfTheLastPlays) {
  const Log log = small_log(plays, 8);
  Texts artist, title;
  for (int j = 0; j < 8; ++j) {
    artist.push_back(std::string(1, static_cast<char>('a' + j)));
    title.push_back(j == 2 ? std::string(200, 'z') : std::string(1, static_cast<char>('k' + j)));
  }
  LanguageModel::Options options;
  options.folder = language_folder();
  options.told = 2;
  const Teller teller = LanguageModel::teller(options, artist, title);
  const PlayTable plain(log, 2);
  PlayTable told(log, 2);
  told.tell(teller);
  const auto words = teller(log, plain.window(0, 4, 0));  // plays of the tracks 2 and 3; the first is longer than all room
  const auto tokenizer = open_tokenizer(language_folder());
  EXPECT_EQ(words, tokenizer->encode("\n2. 'n' by d  [completion: 1.00]", false));
  const auto one = model({"backbone.told=1", "backbone.instruction=w"});
  EXPECT_EQ(one->backbone().most_plays(), 64 - 1 - 24);
  const auto without = answers(*one, plain, {.length = 12, .case_by_case = true}), with = answers(*one, told, {.length = 12, .plays = 100}), alone = answers(*one, told, {.length = 12, .plays = 1});
  double apart = 0;
  for (size_t i = 0; i < with.size(); ++i) {
    EXPECT_NEAR(with[i], alone[i], 1e-5);
    apart = std::max(apart, std::abs(static_cast<double>(with[i]) - without[i]));
  }
  EXPECT_GT(apart, 1e-3);
}

TEST(LanguageModel, MayNotBeToldOfWhatIsStillToBeGuessed) {
  const Log log = small_log(plays, 8);
  const PlayTable table(log, 2);
  const Catalogue catalogue(log.in_catalogue, std::vector<int64_t>(8, 1));
  const auto configuration = small_configuration("language", {"backbone.told=1"});
  const auto one = make_model(configuration, every_row(8), 8, 3);
  const Scratch scratch;
  try {
    Trainer(*one, table, std::vector<Case>{{0, 10, 10}}, catalogue, configuration, 3, at::kCPU, {scratch / "run", "x"});
    FAIL();
  } catch (const Error& error) {
    expect_says(error.what(), "'last' would work");
  }
}

}  // namespace
}  // namespace segue
