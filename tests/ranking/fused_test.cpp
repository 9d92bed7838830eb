#include "ranking/fused.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "core/random.h"
#include "ranking/tiny.h"

namespace segue {
namespace {

using namespace testing_logs;

constexpr int64_t tracks = 40;
constexpr int listeners = 4, plays_each = 160;

/// Half habit, half chance; what comes from play `changed_from` of each listener on depends on `change`.
Log random_log(int changed_from = plays_each, uint64_t change = 0) {
  Random same(11), other(12, change);
  std::vector<TinyPlay> plays;
  for (int who = 0; who < listeners; ++who) {
    for (int i = 0; i < plays_each; ++i) {
      const auto drawn = static_cast<int32_t>(same.below(2) == 0 ? same.below(tracks) : (i + who) % 9);
      const auto changed = static_cast<int32_t>(other.below(tracks));
      const Part part = i < 80 ? Part::fit : i < 110 ? Part::gate : i < 130 ? Part::val : Part::test;
      plays.push_back({who, i >= changed_from ? changed : drawn, i * 4, i % 15 == 0, part});
    }
  }
  return tiny_log(plays, tracks);
}

/// A model whose state after a play is the vector of one track, told by the play; the last two tracks are unknown to it.
template <class Tell>
VectorModel telling(const Tell& tell) {
  VectorModel model;
  model.name = "told";
  model.width = tracks;
  model.vectors.assign(static_cast<size_t>(tracks * tracks), 0.0F);
  model.known.assign(static_cast<size_t>(tracks), 1);
  for (size_t j = 0; j < static_cast<size_t>(tracks); ++j) {
    if (j + 2 < static_cast<size_t>(tracks)) model.vectors[j * static_cast<size_t>(tracks) + j] = 20;
    else model.known[j] = 0;
  }
  model.states = [tell](std::span<const Asked> asked) {
    std::vector<float> states(asked.size() * static_cast<size_t>(tracks));
    for (size_t q = 0; q < asked.size(); ++q) {
      if (asked[q].to > asked[q].from) states[q * static_cast<size_t>(tracks) + static_cast<size_t>(tell(asked[q]))] = 1;
    }
    return states;
  };
  return model;
}

auto last_heard(const Log& log) {
  return [&log](const Asked& asked) { return log.track[static_cast<size_t>(asked.to - 1)]; };
}

std::vector<Asked> questions(const Log& log, int from) {
  std::vector<Asked> asked;
  for (int32_t u = 0; u < listeners; ++u) {
    const int64_t first = log.first[static_cast<size_t>(u)];
    for (int64_t i = first + from; i < log.first[static_cast<size_t>(u) + 1]; ++i) asked.push_back(asked_of(log, {u, i, i}));
  }
  return asked;
}

std::vector<double> answer_of(const Log& log, const VectorModel& model, const Asked& asked) {
  const Lesson lesson{log};
  const Fused fused(lesson, model, Fused::learn(lesson, model, {}), std::span(&asked, 1), {});
  return answer(fused, log, asked.listener, asked.to, asked.when_ms / 60'000);
}

TEST(Fused, DoesNotSeeWhatAnyonePlaysLater) {
  const Log log = random_log(), changed = random_log(140, 1);
  const Asked asked = asked_of(log, {2, log.first[2] + 140, log.first[2] + 140});
  const auto before = answer_of(log, telling(last_heard(log)), asked), after = answer_of(changed, telling(last_heard(changed)), asked);
  EXPECT_EQ(before, after);
  for (const double score : before) EXPECT_TRUE(std::isfinite(score)) << "every track is scored, unknown ones too";
}

TEST(Fused, TrustsAModelThatIsRight) {
  const Log log = random_log();
  const auto model = telling([&log](const Asked& asked) { return log.track[static_cast<size_t>(asked.to)]; });  // it peeks
  const Lesson lesson{log};
  const auto asked = questions(log, 130);
  const Fused fused(lesson, model, Fused::learn(lesson, model, {}), asked, {});
  const Catalogue catalogue(log.in_catalogue, std::vector<int64_t>(static_cast<size_t>(tracks)));
  int first = 0, known = 0;
  for (const Asked& one : asked) {
    const int32_t target = log.track[static_cast<size_t>(one.to)];
    if (model.known[static_cast<size_t>(target)] == 0) continue;
    const auto scores = answer(fused, log, one.listener, one.to, one.when_ms / 60'000);
    ++known;
    first += std::max_element(scores.begin(), scores.end()) - scores.begin() == target;
  }
  EXPECT_GT(first, known * 95 / 100);
}

/// No pause in the log tells what the mix is worth after one: there it is what the counters are.
TEST(Fused, IsTheCountersAfterAPauseWhereNothingSpeaksForTheModel) {
  const Log log = random_log();
  const auto peek = telling([&log](const Asked& asked) { return log.track[static_cast<size_t>(asked.to)]; });
  const auto learned = Fused::learn(Lesson{log}, peek, {});
  ASSERT_TRUE(learned.after_pause);
  const size_t model = Clues::names().size() * Situation::numbers;
  ASSERT_EQ(learned.after_pause->table().size(), learned.gate.table().size());
  const auto of_model = std::span(learned.after_pause->table()).subspan(model);
  EXPECT_TRUE(std::all_of(of_model.begin(), of_model.end(), [](double weight) { return weight == 0; }));
  EXPECT_FALSE(std::all_of(learned.gate.table().begin() + static_cast<std::ptrdiff_t>(model), learned.gate.table().end(), [](double weight) { return weight == 0; }));
}

TEST(Fused, GainsNextToNothingFromAModelOfChance) {
  const Log log = random_log();
  const auto noise = telling([](const Asked& asked) { return Random(5, static_cast<uint64_t>(asked.to)).below(tracks - 2); });
  const auto peek = telling([&log](const Asked& asked) { return log.track[static_cast<size_t>(asked.to)]; });
  const Lesson lesson{log};
  const GateQuestions questions(lesson, 60);
  const double alone = LearnedGate::from(questions.of_all(12000, 500), {}).loss;
  const auto gained = [&](const VectorModel& model) { return alone - Fused::learn(lesson, model, {}).loss; };
  EXPECT_GT(gained(peek), 0.9 * alone);
  EXPECT_LT(gained(noise), 0.3 * alone) << "few questions for many weights: some of it is learned by heart";
}

TEST(Fused, LearnsWhatATrackIsWorthThatTheModelDoesNotKnow) {
  Log log = random_log();
  for (size_t i = 0; i < log.track.size(); i += 2) log.track[i] = tracks - 1;  // unknown to the model, and every other play
  log.in_catalogue[tracks - 1] = 0;
  const auto peek = telling([&log](const Asked& asked) { return log.track[static_cast<size_t>(asked.to)]; });
  const auto learned = Fused::learn({log}, peek, {});
  const auto unknown = learned.gate.weights(learned.mean).back();
  EXPECT_GT(unknown, 1) << "where the model has nothing to say, it is mostly that track";
}

TEST(Fused, RefusesALogWithoutAGatePart) {
  Log log = random_log();
  std::replace(log.part.begin(), log.part.end(), Part::gate, Part::fit);
  EXPECT_THROW(Fused::learn({log}, telling(last_heard(log)), {}), Error);
}

}  // namespace
}  // namespace segue
