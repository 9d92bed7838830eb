// Every figure of ../shared/oracles/evaluate/listening.json, on whatever account exports the data folder holds.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>

#include "evaluation/questions.h"
#include "evaluation/summary.h"
#include "listening/import.h"
#include "ranking/mixture.h"
#include "sessions/counts.h"
#include "support/oracles.h"
#include "support/scratch.h"

namespace segue {
namespace {

using Json = nlohmann::json;

/// The logs, read once for all tests of this file.
class Logs {
 public:
  static const Logs& all() {
    static const Logs logs;
    return logs;
  }
  std::string why;  // nothing can be compared
  Json wanted;
  const Prepared& cut(const std::string& name) const { return cuts_.at(name); }

 private:
  Logs() {
    const Path expected = oracles() / "evaluate" / "listening.json", folder = real_data() / "listening";
    if (!std::filesystem::exists(expected)) {
      why = "no " + expected.string();
      return;
    }
    if (!std::filesystem::is_directory(folder)) {
      why = "no " + folder.string();
      return;
    }
    std::vector<Path> zips;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".zip") zips.push_back(entry.path());
    }
    std::sort(zips.begin(), zips.end());
    wanted = read_json(expected);
    const auto listeners = wanted.at("own").at("protocol").at("listeners").get<size_t>();
    if (zips.size() != listeners) {
      why = fmt::format("{} holds {} zips, the figures are of {}", folder.string(), zips.size(), listeners);
      return;
    }
    const Scratch scratch;
    import_logs(zips, scratch / "data", {});
    cuts_["own"] = prepare(scratch / "data", own(), false);
    cuts_["global"] = prepare(scratch / "data", global(), false);
  }

  static Protocol own() {
    Protocol protocol = protocols().at("segue-own");
    protocol.sessions.track_key = "raw";
    return protocol;
  }
  static Protocol global() {
    Protocol protocol = protocols().at("segue");
    protocol.sessions.track_key = "raw";
    protocol.sessions.min_user = protocol.sessions.min_sessions = 0;
    protocol.sessions.min_track = 5;
    protocol.split.min_overlap = 0;
    return protocol;
  }

  std::map<std::string, Prepared> cuts_;
};

/// Counts of everything the protocol section of the file counts.
Json count(const Prepared& p) {
  const Log& log = p.log;
  const Questions questions(p, Part::test, 0, 1);
  const auto& read = p.steps.at("C1_read");
  Json out{{"listeners", log.listeners.size()},
           {"plays", log.plays()},
           {"tracks", log.tracks},
           {"catalogue", std::count(log.in_catalogue.begin(), log.in_catalogue.end(), 1)},
           {"sessions", std::count(log.opens.begin(), log.opens.end(), 1)},
           {"duplicates", p.steps.at("C2_flags").at("duplicate")},
           {"dropped", read.at("malformed").get<int64_t>() + read.at("unparsed").get<int64_t>()}};
  out["plays_in_catalogue"] = 0;
  for (const char* name : {"train", "val", "test"}) {
    const Part part = std::string(name) == "train" ? Part::fit : std::string(name) == "val" ? Part::val : Part::test;
    int64_t plays = 0, inside = 0, listeners = 0;
    for (size_t u = 0; u < log.listeners.size(); ++u) {
      const int64_t before = plays;
      for (auto i = static_cast<size_t>(log.first[u]); i < static_cast<size_t>(log.first[u + 1]); ++i) {
        if ((log.part[i] == Part::gate ? Part::fit : log.part[i]) != part) continue;
        ++plays;
        inside += log.in_catalogue[static_cast<size_t>(log.track[i])];
      }
      listeners += plays > before;
    }
    out["parts"][name] = {{"plays", plays}, {"listeners", listeners}, {"plays_in_catalogue", inside}};
    out["plays_in_catalogue"] = out["plays_in_catalogue"].get<int64_t>() + inside;
  }
  int64_t same = 0;
  std::map<std::string, std::pair<int64_t, int64_t>> slices;  // cases, those in the catalogue
  for (size_t c = 0; c < p.test.size(); ++c) {
    const CaseInfo& info = questions.info[c];
    const auto target = static_cast<size_t>(p.test[c].target);
    same += p.test[c].target > log.first[static_cast<size_t>(p.test[c].listener)] && log.track[target] == log.track[target - 1];
    for (const auto& [name, belongs] : {std::pair{"all", true}, {"repeat", info.repeat}, {"new", !info.repeat}, {"start", info.start},
                                        {"within", !info.start}, {"cold", info.cold}, {"cold_listener", info.cold_listener}}) {
      slices[name].first += belongs;
      slices[name].second += belongs && !info.cold;
    }
  }
  out["same_as_last_play"] = same;
  for (const auto& [name, of_slice] : slices) out["slices"][name] = {{"cases", of_slice.first}, {"in_catalogue", of_slice.second}};
  const Json cases = summary(p).at("cases").at("test");
  for (const char* key : {"cases", "listeners_with_cases", "cases_in_catalogue", "oov", "cases_sum", "case_tracks_sum"}) {
    out[key] = cases.at(key);
  }
  const auto& cut = p.steps.at("C6_cutoffs");
  if (cut.contains("sum_minutes")) {
    out["cutoffs_sum_minutes"] = cut.at("sum_minutes");
  } else {
    const auto minute = [&](const char* part) { return cut.at(part).get<std::string>().substr(0, 16) + "Z"; };
    out["val_cutoff"] = minute("val");
    out["test_cutoff"] = minute("test");
  }
  return out;
}

/// One slice in the words of the file, with as many figures as it has.
Json in_words(const SliceResult& slice) {
  Json out{{"cases", slice.cases}};
  if (slice.cases == 0) return out;
  out["listeners"] = slice.listeners;
  for (const auto& [ours, theirs] : {std::pair{"recall", "hr"}, {"ndcg", "ndcg"}, {"mrr", "mrr"}}) {
    for (const int k : cuts()) out[theirs].push_back(slice.metrics.at(fmt::format("{}@{}", ours, k)).mean);
  }
  return out;
}

/// Both ends of an interval that was drawn by another generator, compared with its width.
void expect_like(const Json& wanted, const Estimate& got, const std::string& where) {
  const double low = wanted.at(0), high = wanted.at(1);
  EXPECT_NEAR(low, got.low, 0.15 * (high - low)) << where;
  EXPECT_NEAR(high, got.high, 0.15 * (high - low)) << where;
}

void expect_figures(const Json& wanted, const Evaluation& got) {
  for (const auto& ranker : got.rankers) {
    const Json& all = wanted.at(ranker.name);
    for (const auto& [name, slice] : all.items()) {
      const SliceResult& ours = name == "all" ? ranker.all : ranker.slices.at(name);
      EXPECT_EQ(differences_between(slice, in_words(ours), 1e-6, {"hr@10_95", "ndcg@10_95"}), "") << ranker.name << ", " << name;
      if (slice.value("listeners", 0) < 20) continue;  // few listeners: the ends jump
      expect_like(slice.at("hr@10_95"), ours.metrics.at("recall@10"), ranker.name + ", " + name + ", hr@10");
      expect_like(slice.at("ndcg@10_95"), ours.metrics.at("ndcg@10"), ranker.name + ", " + name + ", ndcg@10");
    }
  }
}

/// What evaluate() does, for rankers that are not rows of rankers() too.
struct Asked {
  Evaluation catalogue, everything;
};

Asked evaluate_all(const Prepared& prepared, const std::vector<std::pair<std::string, std::unique_ptr<Ranker>>>& rankers) {
  const Questions questions(prepared, Part::test, 0, 1);
  std::vector<RankerPlaces> catalogue, everything;
  for (const auto& [name, ranker] : rankers) {
    Answers answers = ask(*ranker, questions);
    catalogue.push_back({.name = name, .places = std::move(answers.catalogue), .lists = {}, .note = ""});
    everything.push_back({.name = name, .places = std::move(answers.everything), .lists = {}, .note = ""});
  }
  const auto candidates = [&](const Catalogue& of) { return SummaryOptions{.candidates = of.size(), .pair_metrics = {}}; };
  return {summarise({}, questions.info, catalogue, candidates(questions.catalogue)),
          summarise({}, questions.info, everything, candidates(questions.everything))};
}

class EvaluateOracle : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!Logs::all().why.empty()) GTEST_SKIP() << Logs::all().why;
  }
  const Json& wanted() const { return Logs::all().wanted.at(GetParam()); }
  const Prepared& prepared() const { return Logs::all().cut(GetParam()); }
};

TEST_P(EvaluateOracle, CountsTheSame) {
  EXPECT_EQ(differences_between(wanted().at("protocol"), count(prepared()), 0, {"cut", "part"}), "");
}

TEST_P(EvaluateOracle, RanksTheSame) {
  std::vector<std::pair<std::string, std::unique_ptr<Ranker>>> all;
  Json of_rankers;  // by what the figures are of
  for (const auto& [name, slices] : wanted().at("rankers").items()) {
    for (const char* among : {"catalogue", "everything"}) of_rankers[among][name] = slices.at(among);
    if (name == "random") continue;  // an expectation there, a draw here: below
    if (wanted().at("mixes").contains(name)) {
      const Json& mix = wanted().at("mixes").at(name);
      Mixture::Options options{.eps = mix.at("eps"), .parts = {}};
      for (const auto& [part, weight] : mix.at("weights").items()) options.parts.push_back({part, weight});
      all.emplace_back(name, std::make_unique<Mixture>(Lesson{prepared().log}, options));
    } else {
      all.emplace_back(name, rankers().at(name)({prepared().log}));
    }
  }
  const Asked asked = evaluate_all(prepared(), all);
  expect_figures(of_rankers.at("catalogue"), asked.catalogue);
  expect_figures(of_rankers.at("everything"), asked.everything);
  for (const auto& [among, evaluation] : {std::pair{"catalogue", &asked.catalogue}, {"everything", &asked.everything}}) {
    const SliceResult chance{.cases = 1, .listeners = 1, .metrics = evaluation->chance};
    EXPECT_EQ(differences_between(of_rankers.at(among).at("random"), in_words(chance), 1e-6), "") << "chance, " << among;
  }
}

INSTANTIATE_TEST_SUITE_P(Cuts, EvaluateOracle, testing::Values("own", "global"), [](const auto& row) { return row.param; });

TEST(EvaluateOracleCounters, AreNoWorseThanTheFixedMixtureOfSix) {
  if (!Logs::all().why.empty()) GTEST_SKIP() << Logs::all().why;
  const Prepared& prepared = Logs::all().cut("own");
  std::vector<std::pair<std::string, std::unique_ptr<Ranker>>> counters;
  counters.emplace_back("counters", rankers().at("counters")({prepared.log}));
  const Asked asked = evaluate_all(prepared, counters);
  const Json& bar = Logs::all().wanted.at("own").at("rankers").at("mix-6").at("catalogue").at("all");
  const auto at_ten = static_cast<size_t>(std::find(cuts().begin(), cuts().end(), 10) - cuts().begin());
  EXPECT_GE(asked.catalogue.rankers[0].all.metrics.at("recall@10").mean, bar.at("hr").at(at_ten).get<double>() - 0.0005);
  EXPECT_GE(asked.catalogue.rankers[0].all.metrics.at("ndcg@10").mean, bar.at("ndcg").at(at_ten).get<double>() - 0.0005);
}

}  // namespace
}  // namespace segue
