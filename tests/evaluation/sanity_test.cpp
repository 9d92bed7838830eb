// What must be so whatever the rankers are: tests that a flattering evaluation fails.
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "core/parallel.h"
#include "core/random.h"
#include "evaluation/chance.h"
#include "evaluation/evaluate.h"
#include "evaluation/findings.h"
#include "evaluation/questions.h"
#include "ranking/tiny.h"
#include "support/scratch.h"

namespace segue {
namespace {

using namespace testing_logs;

constexpr int32_t tracks = 40;
constexpr int listeners = 6, plays_each = 120;

Part part_of(int place) { return place < 60 ? Part::fit : place < 75 ? Part::gate : place < 90 ? Part::val : Part::test; }

/// All plays of val and test are cases. The data hash is left empty.
Prepared prepared_of(Log log) {
  Prepared p;
  p.protocol = protocols().at("segue");
  p.log = std::move(log);
  for (int32_t t = 0; t < p.log.tracks; ++t) {
    p.key.push_back(std::to_string(t));
    p.artist.push_back(std::to_string(t / 4));
    p.title.push_back(std::to_string(t));
  }
  for (size_t u = 0; u < p.log.listeners.size(); ++u) {
    for (int64_t i = p.log.first[u]; i < p.log.first[u + 1]; ++i) {
      const Part part = p.log.part[static_cast<size_t>(i)];
      if (part >= Part::val) (part == Part::val ? p.val : p.test).push_back({static_cast<int32_t>(u), i, i});
    }
  }
  return p;
}

/// Near the size of the catalogue most draws come a second time.
TEST(SampledCandidates, AreDrawnOneByOneUntilSoManyDiffer) {
  const Prepared p = prepared_of(tiny_log({{0, 3, 0}, {0, 4, 1}, {0, 5, 2, false, Part::test}, {0, 39, 3, false, Part::test}}, tracks));
  const Questions questions(p, Part::test, 38, 7);
  for (size_t c = 0; c < questions.cases.size(); ++c) {
    Random random(7, c);
    std::vector<int32_t> wanted{p.log.track[static_cast<size_t>(questions.cases[c].target)]};
    while (wanted.size() < 39) {
      const auto track = static_cast<int32_t>(random.below(tracks));
      if (std::find(wanted.begin(), wanted.end(), track) == wanted.end()) wanted.push_back(track);
    }
    EXPECT_EQ(questions.candidates[c], wanted);
  }
}

using Changes = std::function<bool(int who, int place)>;

/// Listeners who mostly go round in nine tracks; where `changes` says so, they hear others instead.
Prepared some_log(const Changes& changes = [](int, int) { return false; }) {
  Random same(11), other(12);
  std::vector<TinyPlay> plays;
  for (int who = 0; who < listeners; ++who) {
    for (int i = 0; i < plays_each; ++i) {
      const auto usual = static_cast<int32_t>(same.below(4) == 0 ? same.below(tracks) : (i + who) % 9);
      const auto instead = static_cast<int32_t>(other.below(tracks));
      plays.push_back({who, changes(who, i) ? instead : usual, i * 4, i % 15 == 0, part_of(i)});
    }
  }
  return prepared_of(tiny_log(plays, tracks));
}

/// Where a ranker put the targets, case by case, as the file of ranks says.
struct Ranks {
  std::vector<int32_t> above, level, above_all, level_all;
  bool operator==(const Ranks&) const = default;
  Ranks cases(size_t from, size_t to) const {
    const auto part = [&](const std::vector<int32_t>& v) {
      return std::vector<int32_t>(v.begin() + static_cast<std::ptrdiff_t>(from),
                                  v.begin() + static_cast<std::ptrdiff_t>(to));
    };
    return {part(above), part(level), part(above_all), part(level_all)};
  }
};

Ranks ranks_of(const Prepared& prepared, const std::string& ranker, Part part = Part::test) {
  const Scratch scratch;
  evaluate(prepared, {.rankers = {ranker}, .part = part, .resamples = 100}, scratch / "ranks.parquet");
  Table table = read_table(scratch / "ranks.parquet");
  const auto column = [&](const char* name) { return values<int32_t>(table, name); };
  return {column("above"), column("level"), column("above_everything"), column("level_everything")};
}

class EveryRankerEvaluated : public testing::TestWithParam<std::string> {};

constexpr int test_cases = 30;  // of each listener: plays 90 … 119

TEST_P(EveryRankerEvaluated, RanksACaseAlikeWhateverItsListenerHearsLater) {
  // Listener 2 hears other tracks after his first ten cases.
  const auto usual = ranks_of(some_log(), GetParam()),
             changed = ranks_of(some_log([](int who, int i) { return who == 2 && i >= 100; }), GetParam());
  EXPECT_EQ(usual.cases(2 * test_cases, 2 * test_cases + 10), changed.cases(2 * test_cases, 2 * test_cases + 10));
  EXPECT_NE(usual, changed);  // that the change is one
}

TEST_P(EveryRankerEvaluated, RanksACaseAlikeWhateverAnyoneHearsLater) {
  // All hear one play every four minutes, so play 100 of one is at the time of play 100 of all others.
  const auto usual = ranks_of(some_log(), GetParam()), changed = ranks_of(some_log([](int, int i) { return i >= 100; }), GetParam());
  for (int who = 0; who < listeners; ++who) {
    const auto from = static_cast<size_t>(who * test_cases);
    EXPECT_EQ(usual.cases(from, from + 10), changed.cases(from, from + 10)) << who;
  }
}

TEST_P(EveryRankerEvaluated, FindsTheSameOnValidationWhateverTheTestHolds) {
  EXPECT_EQ(ranks_of(some_log(), GetParam(), Part::val), ranks_of(some_log([](int, int i) { return i >= 90; }), GetParam(), Part::val));
}

TEST_P(EveryRankerEvaluated, FindsTheSameOnOneThreadAndOnTwo) {
  const auto document = [&](int count) {
    const int before = threads();
    set_threads(count);
    const std::string other = GetParam() == "popular" ? "personal" : "popular";
    auto found = nlohmann::json::parse(evaluation_json(evaluate(some_log(), {.rankers = {GetParam(), other}, .resamples = 200})));
    set_threads(before);
    for (auto* part : {&found, &found.at("everything")}) {
      for (auto& ranker : part->at("rankers")) ranker.erase("seconds");
    }
    return found;
  };
  EXPECT_EQ(document(1), document(2));
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryRankerEvaluated, testing::ValuesIn(rankers().names()), [](const auto& row) {
  auto name = row.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

/// Gives one score to whatever `wish` says of the place in the log where the question stands.
class Knowing : public Ranker {
 public:
  Knowing(const Log& log, std::function<double(int64_t play, int32_t track)> wish) : log_(log), wish_(std::move(wish)) {}

  std::unique_ptr<Scorer> read(int32_t who) const override {
    struct Reader : Scorer {
      Reader(const Knowing& all, int64_t play) : all(all), play(play) {}
      void hear(const Heard&) override { ++play; }
      void score(int64_t, Scores& out) override {
        for (int32_t t = 0; t < all.log_.tracks; ++t) out.add(t, all.wish_(play, t));
      }
      const Knowing& all;
      int64_t play;
    };
    return std::make_unique<Reader>(*this, log_.first[static_cast<size_t>(who)]);
  }

 private:
  const Log& log_;
  std::function<double(int64_t, int32_t)> wish_;
};

Evaluation summary_of(const Prepared& prepared, const Ranker& ranker, Ties ties) {
  const Questions questions(prepared, Part::test, 0, 1);
  auto answers = ask(ranker, questions);
  return summarise({}, questions.info, {{.name = "one", .places = answers.catalogue, .lists = {}, .note = ""}},
                   {.ties = ties, .resamples = 100, .candidates = questions.catalogue.size()});
}

TEST(Evaluation, GivesAPerfectScorerOneEverywhere) {
  const auto prepared = some_log();
  const Knowing perfect(prepared.log, [&](int64_t play, int32_t t) {
    return prepared.log.track[static_cast<size_t>(play)] == t ? 1.0 : 0.0;
  });
  for (const auto ties : {Ties::mean_rank, Ties::expected, Ties::pessimistic}) {
    const auto found = summary_of(prepared, perfect, ties);
    const auto expect_ones = [](const SliceResult& slice) {
      for (const auto& [name, metric] : slice.metrics) {
        EXPECT_DOUBLE_EQ(metric.mean, name.starts_with("precision") ? 1.0 / std::stoi(name.substr(10)) : 1.0) << name;
      }
    };
    expect_ones(found.rankers[0].all);
    for (const auto& [name, slice] : found.rankers[0].slices) expect_ones(slice);
  }
}

/// All tracks were played equally often in train, so nothing orders equal scores.
Prepared even_log() {
  std::vector<TinyPlay> plays;
  for (int who = 0; who < listeners; ++who) {
    for (int i = 0; i < 2 * tracks; ++i) plays.push_back({who, i % tracks, i * 4, i % 10 == 0, Part::fit});
    for (int i = 0; i < 70; ++i) plays.push_back({who, (i * 7 + who) % tracks, 2 * tracks * 4 + i * 4, i % 10 == 0, Part::test});
  }
  return prepared_of(tiny_log(plays, tracks));
}

TEST(Evaluation, GivesAConstantScorerExactlyTheUniformExpectation) {
  const auto prepared = even_log();
  for (const double score : {0.0, 1.0, 1e-300, 12345.678}) {
    const auto found = summary_of(prepared, Knowing(prepared.log, [&](int64_t, int32_t) { return score; }), Ties::expected);
    for (const auto& [name, metric] : found.rankers[0].all.metrics) EXPECT_NEAR(metric.mean, found.chance.at(name).mean, 1e-12) << name;
  }
  // Of 40 tracks: one in four is among the first ten.
  EXPECT_DOUBLE_EQ(chance_level(1, tracks, 1).at("recall@10").mean, 0.25);
}

TEST(Evaluation, GivesAConstantScorerNoMoreThanTheMiddleUnderMeanRank) {
  const auto prepared = even_log();
  const auto found = summary_of(prepared, Knowing(prepared.log, [](int64_t, int32_t) { return 1.0; }), Ties::mean_rank);
  EXPECT_EQ(found.rankers[0].all.metrics.at("recall@20").mean, 0);  // rank 20.5
  EXPECT_EQ(found.rankers[0].all.metrics.at("recall@100").mean, 1);
  const auto worst = summary_of(prepared, Knowing(prepared.log, [](int64_t, int32_t) { return 1.0; }), Ties::pessimistic);
  EXPECT_NEAR(worst.rankers[0].all.metrics.at("mrr@100").mean, 1.0 / tracks, 1e-12);
}

TEST(Evaluation, LeavesTheMeanOfRandomInsideItsIntervalForNearlyAllSeeds) {
  const auto prepared = even_log();
  const Questions questions(prepared, Part::test, 0, 1);
  const auto chance = chance_level(std::ssize(questions.cases), tracks, 1);
  for (const char* name : {"ndcg@10", "recall@10", "mrr@20"}) {
    const auto& metric = measure(name);
    ASSERT_LT(chance.at(name).low, chance.at(name).high);
    int inside = 0;
    for (uint64_t seed = 1; seed <= 100; ++seed) {
      const auto answers = ask(*rankers().at("random")({prepared.log, Part::val, seed}), questions);
      double sum = 0;
      for (const auto& place : answers.catalogue) sum += metric_of(place, metric.metric, metric.k, Ties::mean_rank);
      const double mean = sum / static_cast<double>(answers.catalogue.size());
      inside += chance.at(name).low <= mean && mean <= chance.at(name).high;
    }
    EXPECT_GE(inside, 89) << name;
    EXPECT_LE(inside, 99) << name;
  }
}

TEST(Evaluation, SaysWhichRankersGuessingCouldHaveBeen) {
  const auto found = evaluate(some_log(), {.rankers = {"random", "personal-50"}, .resamples = 100});
  EXPECT_TRUE(near_chance(found.catalogue.rankers[0]));
  EXPECT_FALSE(near_chance(found.catalogue.rankers[1]));
}

TEST(Evaluation, RefusesAPartWithoutCases) {
  auto prepared = some_log();
  prepared.test.clear();
  EXPECT_THROW(evaluate(prepared, {.rankers = {"popular"}}), Error);
  EXPECT_NO_THROW(evaluate(prepared, {.rankers = {"popular"}, .part = Part::val, .resamples = 100}));
}

TEST(Evaluation, RefusesARankerThatIsNone) {
  EXPECT_THROW(evaluate(some_log(), {.rankers = {"popluar"}}), Error);
}

TEST(Evaluation, StopsAtAScoreThatIsNoNumber) {
  const auto prepared = some_log();
  const Knowing spoilt(prepared.log, [](int64_t, int32_t t) { return t == 7 ? std::nan("") : 1.0; });
  EXPECT_ANY_THROW(summary_of(prepared, spoilt, Ties::mean_rank));
}

TEST(Evaluation, RanksAmongSampledCandidatesTheTargetOnce) {
  const auto prepared = some_log();
  const Questions questions(prepared, Part::test, 19, 3);
  for (size_t c = 0; c < questions.cases.size(); ++c) {
    auto list = questions.candidates[c];
    EXPECT_EQ(list.size(), 20u);
    std::sort(list.begin(), list.end());
    EXPECT_EQ(std::unique(list.begin(), list.end()), list.end());
  }
}

TEST(Evaluation, CountsTargetsOutsideTheCatalogueAndLeavesThemOut) {
  auto prepared = some_log();
  for (int32_t t = 20; t < tracks; ++t) prepared.log.in_catalogue[static_cast<size_t>(t)] = 0;
  const auto found = evaluate(prepared, {.rankers = {"popular"}, .resamples = 100});
  const auto train_plays = prepared.train_plays();
  int64_t outside = 0, cold = 0;  // cold: also in the catalogue, but played by nobody in train
  for (const auto& question : prepared.test) {
    const auto track = static_cast<size_t>(prepared.log.track[static_cast<size_t>(question.target)]);
    outside += track >= 20;
    cold += track >= 20 || train_plays[track] == 0;
  }
  EXPECT_GT(outside, 0);
  EXPECT_EQ(found.catalogue.protocol.out_of_catalogue, outside);
  EXPECT_EQ(found.catalogue.protocol.cases, std::ssize(prepared.test) - outside);
  ASSERT_TRUE(found.everything.has_value());
  EXPECT_EQ(found.everything->protocol.cases, std::ssize(prepared.test));
  EXPECT_EQ(found.everything->rankers[0].slices.at("cold").cases, cold);
}

}  // namespace
}  // namespace segue
