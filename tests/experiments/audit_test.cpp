// The tables are those in configs/recorded; what is expected of them was reckoned elsewhere, by a script of its own.
#include "experiments/audit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "support/program.h"

namespace segue {
namespace {

Audit recorded(const std::string& file, const std::string& baseline = "") {
  return audit(read_recorded(Path(SEGUE_SOURCE_DIR) / "configs" / "recorded" / file, false), {638, 200, baseline});
}

RunAudit one(const std::map<std::string, double>& figures, int64_t cases = 638, int64_t candidates = 200) {
  RecordedRun run;
  run.name = "run";
  for (const auto& [name, value] : figures) run.figures[name] = {value, 4};
  return audit({run}, {cases, candidates, ""}).runs.front();
}

std::string kinds_of(const RunAudit& run) {
  std::string kinds;
  for (const auto& finding : run.findings) kinds += finding.kind + " ";
  return kinds;
}

const Gain& gain(const Audit& all, const std::string& run, const std::string& metric) {
  return *std::find_if(all.gains.begin(), all.gains.end(), [&](const auto& g) { return g.run == run && g.metric == metric; });
}

TEST(Guess, IsTheMeanOfUniformRanks) {
  EXPECT_DOUBLE_EQ(guess("recall", 10, 200).mean, .05);
  EXPECT_NEAR(guess("ndcg", 10, 200).mean, .0227, 5e-5);
  EXPECT_NEAR(guess("mrr", 20, 200).mean, .0180, 5e-5);
  EXPECT_NEAR(std::sqrt(guess("ndcg", 10, 200).variance / 638), .0043, 5e-5);
  EXPECT_DOUBLE_EQ(guess("recall", 300, 200).mean, 1);
}

TEST(Audit, FindsTheZeroShotTableWithinGuessing) {
  const auto all = recorded("zero-shot.csv");
  ASSERT_EQ(all.runs.size(), 27u);
  EXPECT_EQ(all.tests, 135);
  EXPECT_EQ(all.surprising, 5);
  EXPECT_EQ(all.left_by_holm, 0);
  EXPECT_EQ(all.left_by_runs, 0);
  EXPECT_NEAR(all.smallest_p, .00276, 5e-6);
  EXPECT_EQ(all.smallest_run, "Llama-2-13B SASRec + A/L/M");
  EXPECT_NEAR(all.level, .00185, 5e-6);
  const std::map<int, std::pair<double, double>> pooled{{1, {.0060, 1.8}}, {5, {.0255, .5}}, {10, {.0515, .9}}, {20, {.1026, 1.1}}, {100, {.4934, -1.7}}};
  for (const auto& pool : all.pooled) {
    EXPECT_NEAR(static_cast<double>(pool.hits) / static_cast<double>(pool.cases), pooled.at(pool.k).first, 5e-5) << pool.k;
    EXPECT_NEAR(pool.z, pooled.at(pool.k).second, .051) << pool.k;
  }
  EXPECT_NEAR(all.pooled[1].best_p, .42, .005);
  EXPECT_EQ(all.pooled[1].best_hits, 25);
  EXPECT_NEAR(all.pooled[2].best_p, .04, .005);
  EXPECT_EQ(all.pooled[2].best_hits, 50);
  for (const auto& run : all.runs) EXPECT_EQ(kinds_of(run), "") << run.run.name;
}

TEST(Audit, RecoversTheHitsBehindThreeDigits) {
  const auto all = recorded("zero-shot.csv");
  const auto hits = [&](size_t run, const char* name) {
    const auto* figure = all.runs[run].figure(name);
    EXPECT_EQ(figure->hits->low, figure->hits->high);
    return figure->hit;
  };
  EXPECT_EQ(hits(6, "recall@100"), 353);
  EXPECT_NEAR(all.runs[6].figure("recall@100")->p, .008, 5e-4);
  EXPECT_EQ(hits(10, "recall@10"), 50);
  EXPECT_EQ(hits(11, "recall@5"), 8);
  EXPECT_EQ(all.runs[11].figure("recall@5")->verdict, Verdict::below);
  EXPECT_EQ(hits(23, "recall@5"), 25);
  EXPECT_EQ(all.runs[23].figure("recall@5")->verdict, Verdict::above);
  EXPECT_EQ(all.runs[23].figure("recall@10")->verdict, Verdict::inside);
}

TEST(Audit, MakesOfTheHeadlineWhatItIs) {
  const auto all = recorded("zero-shot.csv", "Llama-3-70B GRU4Rec only");
  const auto& recall = gain(all, "Llama-3-70B BERT4Rec + A/L/M + CR", "recall@5");
  EXPECT_EQ(recall.from_hits, 13);
  EXPECT_EQ(recall.to_hits, 25);
  EXPECT_NEAR(recall.to / recall.from, 1.95, .005);
  EXPECT_NEAR(recall.p, .0687, 5e-5);
  EXPECT_EQ(recall.p_holm, 1);
  const auto& ndcg = gain(all, "Llama-3-70B BERT4Rec + A/L/M + CR", "ndcg@5");
  EXPECT_NEAR(ndcg.to / ndcg.from, 1.79, .005);
  EXPECT_NEAR(ndcg.error, .0039 * std::sqrt(2), 1e-4);
}

TEST(Audit, PoolsAllZeroShotRuns) {
  const Path folder = Path(SEGUE_SOURCE_DIR) / "configs" / "recorded";
  auto runs = read_recorded(folder / "zero-shot.csv", false);
  for (auto& run : read_recorded(folder / "zero-shot-more.csv", false)) runs.push_back(std::move(run));
  const auto all = audit(std::move(runs), {638, 200, ""});
  ASSERT_EQ(all.runs.size(), 55u);
  const std::vector<double> recalls{.0057, .0258, .0507, .1002, .4960}, spreads{1.19, 1.18, 1.41, 1.08, 1.09};
  for (size_t i = 0; i < recalls.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(all.pooled[i].hits) / static_cast<double>(all.pooled[i].cases), recalls[i], 5e-5);
    EXPECT_NEAR(all.pooled[i].spread, spreads[i], .03);
  }
}

TEST(Audit, RecoversTheFirstRanksOfTheFineTunedRunsAndSeesTheTargetTwice) {
  const auto all = recorded("fine-tuned.csv");
  const std::vector<std::array<int64_t, 5>> truth{{1, 76, 28, 21, 20}, {1, 73, 29, 23, 16}, {0, 76, 33, 28, 16}, {1, 78, 33, 22, 14}, {0, 74, 25, 25, 24}, {1, 79, 34, 15, 17},
                                                  {0, 74, 30, 24, 17}, {0, 76, 28, 18, 15}, {1, 67, 33, 15, 17}, {1, 76, 27, 29, 16}, {0, 78, 34, 24, 18}, {1, 72, 34, 22, 18}};
  ASSERT_EQ(all.runs.size(), truth.size());
  EXPECT_EQ(all.left_by_holm, 12);
  for (size_t i = 0; i < truth.size(); ++i) {
    ASSERT_TRUE(all.runs[i].first_ranks) << all.runs[i].run.name;
    EXPECT_EQ(*all.runs[i].first_ranks, truth[i]) << all.runs[i].run.name;
    EXPECT_EQ(kinds_of(all.runs[i]), "duplicate labels ") << all.runs[i].run.name;
  }
  const auto& text = all.runs.front().findings.front().text;
  EXPECT_NE(text.find("recall@1 is 0.1207 (77 hits)"), std::string::npos) << text;
  EXPECT_NE(text.find("@4 0.2288 (guessing 0.0200)"), std::string::npos) << text;
}

TEST(Audit, SeesNoModalityInTheFineTunedRuns) {
  const auto all = recorded("fine-tuned.csv");
  EXPECT_TRUE(std::all_of(all.gains.begin(), all.gains.end(), [](const auto& g) { return g.p_holm > .05; }));
  EXPECT_EQ(gain(all, "SASRec_audio_lyric_film", "recall@5").to_hits - 146, 8);
  EXPECT_NEAR(gain(all, "SASRec_audio_lyric_film", "recall@5").error, .017 * std::sqrt(2), .0005);
  EXPECT_EQ(gain(all, "SASRec_audio_lyric_film", "ndcg@5").error, 0);  // they do not guess
}

TEST(Audit, SaysNothingOfAGoodRankerOrAGuessingOne) {
  EXPECT_EQ(kinds_of(one({{"recall@1", .2006}, {"recall@5", .4013}, {"recall@10", .5}, {"recall@20", .6003}, {"recall@100", .9404}})), "");
  EXPECT_EQ(kinds_of(one({{"recall@1", 0}, {"recall@5", .0251}, {"recall@10", .0502}, {"recall@20", .1003}, {"recall@100", .4906}})), "");
}

TEST(Audit, NoticesWhatCannotBe) {
  EXPECT_EQ(kinds_of(one({{"recall@5", .0502}, {"recall@10", .0251}})), "impossible ");
  EXPECT_EQ(kinds_of(one({{"recall@5", .0502}, {"precision@5", .0502}})), "impossible ");
  EXPECT_EQ(kinds_of(one({{"recall@5", .0251}, {"ndcg@5", .0301}})), "impossible ");
  EXPECT_EQ(kinds_of(one({{"recall@5", .0251}, {"mrr@5", .0020}})), "impossible ");
  EXPECT_EQ(kinds_of(one({{"recall@5", .0251}, {"mrr@5", .0151}, {"map@5", .0161}})), "impossible ");
  EXPECT_EQ(kinds_of(one({{"recall@5", .0257}})), "impossible ");      // 16.4 of 638
  EXPECT_EQ(kinds_of(one({{"recall@5", .0240}})), "rounding ");        // 15 of 638 is .0235
  EXPECT_EQ(kinds_of(one({{"recall@5", .0251}, {"mrr@5", .0151}, {"ndcg@5", .0180}, {"precision@5", .0050}})), "");
}

TEST(Audit, SeesThatTheTargetWasRankedAmongFewer) {
  const auto run = one({{"recall@5", .05}, {"recall@10", .1}, {"recall@20", .2}, {"recall@50", .5}}, 1000, 30000);
  EXPECT_EQ(kinds_of(run), "fewer-candidates ");
  EXPECT_NE(run.findings.front().text.find("random order of 100 candidates"), std::string::npos) << run.findings.front().text;
}

TEST(Audit, NeedsTheNumbersOfCasesAndCandidates) {
  RecordedRun run;
  run.name = "mine";
  run.figures["recall@10"] = {.1, 3};
  EXPECT_THROW(audit({run}, {0, 200, ""}), Error);
  EXPECT_THROW(audit({run}, {638, 0, ""}), Error);
  EXPECT_THROW(audit({run}, {638, 200, "yours"}), Error);
  EXPECT_THROW(audit({run}, {638, 10, ""}), Error);  // ten of ten
  run.cases = 20;
  EXPECT_THROW(audit({run}, {638, 200, ""}), Error);
  run.guessed = true;
  EXPECT_EQ(audit({run}, {638, 200, ""}).runs.front().cases, 638);
}

TEST(AuditVerb, PrintsTheStatementAndTheSameAsJson) {
  const std::string file = (Path(SEGUE_SOURCE_DIR) / "configs" / "recorded" / "zero-shot.csv").string();
  const auto text = segue_program({"audit", file, "--cases", "638", "--candidates", "200", "--metric", "recall@5", "--baseline", "Llama-3-70B GRU4Rec only"});
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_NE(text.out.find("5 of 27 run(s)"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("13 → 25"), std::string::npos) << text.out;
  const auto json = segue_program({"audit", file, "--cases", "638", "--candidates", "200", "--json"});
  EXPECT_EQ(json.code, 0) << json.err;
  EXPECT_EQ(json.json()["summary"]["runs_left_by_bonferroni"], 0);
  EXPECT_EQ(json.json()["runs"][23]["figures"]["recall@5"]["hits"], 25);
}

TEST(AuditVerb, EndsWithOneLineWhereThePersonCanMendIt) {
  const Scratch scratch;
  const auto file = scratch.file("runs.csv", "run,recall@10\na,0.05\nb,0.06\n").string();
  for (const auto& [arguments, part] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"audit", file}, "cases"}, {{"audit", file, "--cases", "100"}, "candidates"}, {{"audit", "no-such-file"}, "no-such-file"},
           {{"audit", file, "--cases", "100", "--candidates", "20", "--metric", "ndcg@10"}, "recall@10"},
           {{"audit", file, "--split", scratch.folder().string()}, "train.txt"}}) {
    const auto ran = segue_program(arguments);
    EXPECT_EQ(ran.code, 1) << ran.err;
    EXPECT_NE(ran.err.find(part), std::string::npos) << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    EXPECT_EQ(ran.out, "");
  }
}

}  // namespace
}  // namespace segue
