#include "experiments/recorded_results.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "support/scratch.h"

namespace segue {
namespace {

std::vector<RecordedRun> read(const std::string& text, const std::string& name = "run.txt", bool percent = false) {
  const Scratch scratch;
  return read_recorded(scratch.file(name, text), percent);
}

void expect_refused(const std::string& text, const std::string& part) {
  try {
    read(text);
    ADD_FAILURE() << text << " was taken";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
  }
}

constexpr const char* e4srec = R"(Zero-Shot Evaluation — SASRec_only
Seq model:  SASRec
Audio node path: /scratch/node_3,/scratch/node_4

         Precision  Recall   MRR   MAP  NDCG
Top-1        0.002   0.002 0.002 0.002 0.002
Top-5        0.004   0.020 0.008 0.008 0.011
Top-10       0.005   0.053 0.012 0.012 0.021

Detailed arrays:
Recall: [0.002 0.02  0.053 0.103 0.472]
)";

TEST(RecordedResults, ReadTheTableAndTheArraysOfE4SRec) {
  const auto runs = read(e4srec, "zeroshot_SASRec_only.txt");
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].name, "zeroshot_SASRec_only");
  EXPECT_EQ(runs[0].figures.at("recall@5").value, .02);
  EXPECT_EQ(runs[0].figures.at("recall@100").value, .472);
  EXPECT_EQ(runs[0].figures.at("ndcg@10").value, .021);
  EXPECT_EQ(runs[0].figures.at("recall@5").digits, 3);
  EXPECT_EQ(runs[0].figures.size(), 17u);
}

TEST(RecordedResults, ReadTheListingWithMetricsInRows) {
  const auto runs = read("Base model: llama\n\n   Metric  Top-1  Top-5\n   Recall 0.0061 0.0233\n     NDCG 0.0061 0.0150\n");
  EXPECT_EQ(runs.at(0).figures.at("ndcg@5").value, .015);
  EXPECT_EQ(runs.at(0).figures.at("ndcg@5").digits, 4);
}

TEST(RecordedResults, ReadMetricsJsonAndNameItByItsFolder) {
  const auto runs = read(R"({"Precision@5": 0.04, "Recall@1": 0.001567398119122257, "Recall@5": 0.2, "NDCG@5": 0.12})", "SASRec_film/metrics.json");
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].name, "SASRec_film");
  EXPECT_EQ(runs[0].figures.at("recall@1").digits, exact_digits);
  EXPECT_EQ(runs[0].figures.at("recall@5").digits, exact_digits);
}

TEST(RecordedResults, ReadManyRunsInOneJsonWithTheirProtocol) {
  const auto runs = read(R"({"protocol": {"cases": 90}, "chance": {"recall@10": 0.1}, "rankers": [{"name": "a", "metrics": {"recall@10": {"mean": 0.5}}},
                              {"name": "b", "metrics": {"recall@10": {"mean": 0.4}}, "slices": {"new": {"metrics": {"recall@10": {"mean": 0.3}}}}}]})");
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[1].name, "b");
  EXPECT_EQ(runs[1].figures.at("recall@10").value, .4);
  EXPECT_EQ(runs[1].cases, 90);
}

TEST(RecordedResults, ReadLogsOfRecBoleOldAndNew) {
  const std::string head = "INFO  ml-1m\nThe number of users: 944\nThe number of items: 1683\n"
                           "INFO  [Evaluation]: eval_args: [{'split': {'LS': 'valid_and_test'}, 'mode': {'valid': 'full', 'test': 'uni100'}}]\n"
                           "INFO  best valid : {'recall@10': 0.9}\n";
  for (const std::string tail : {"INFO  test result: OrderedDict([('recall@10', 0.2523), ('ndcg@10', 0.292), ('hit@10', 0.2523)])\n",
                                 "INFO  test result: {'recall@10': 0.2523, 'ndcg@10': 0.292}\n", "INFO  test result: \nrecall@10 : 0.2523    ndcg@10 : 0.292\n",
                                 "INFO  test result:\n+-----------+---------+\n| recall@10 | ndcg@10 |\n+===========+=========+\n| 0.2523    | 0.292   |\n+-----------+---------+\n"}) {
    const auto runs = read(head + tail, "SASRec.log");
    ASSERT_EQ(runs.size(), 1u) << tail;
    EXPECT_EQ(runs[0].figures.at("recall@10").value, .2523) << tail;
    EXPECT_EQ(runs[0].figures.at("ndcg@10").value, .292) << tail;
    EXPECT_EQ(runs[0].figures.size(), 2u) << tail;
    EXPECT_EQ(runs[0].cases, 943);
    EXPECT_EQ(runs[0].candidates, 101);
  }
}

TEST(RecordedResults, ReadTablesWithAnyDivider) {
  for (const std::string text : {"llm,model,R@5,N@10 (%)\nQwen,\"SASRec, only\",.020,2.10\n", "llm\tmodel\tHR@5\tndcg_10\nQwen\tSASRec, only\t0.020\t2.10%\n",
                                 "Results:\n\n| llm | model | Recall@5 | NDCG@10 |\n| --- | --- | --: | --: |\n| Qwen | SASRec, only | **0.020** | 0.0210 ± 0.001 |\n\nand so on\n"}) {
    const auto runs = read(text);
    ASSERT_EQ(runs.size(), 1u) << text;
    EXPECT_EQ(runs[0].name, "Qwen SASRec, only");
    EXPECT_EQ(runs[0].figures.at("recall@5").value, .02);
    EXPECT_EQ(runs[0].figures.at("recall@5").digits, 3);
    EXPECT_DOUBLE_EQ(runs[0].figures.at("ndcg@10").value, .021);
    EXPECT_EQ(runs[0].figures.at("ndcg@10").digits, 4);
  }
}

TEST(RecordedResults, TakeCasesAndPercentagesWhereTheyAreSaid) {
  const auto runs = read("run,cases,candidates,recall@10\na,638,200,33.4\n", "run.csv", true);
  EXPECT_EQ(runs.at(0).cases, 638);
  EXPECT_EQ(runs.at(0).candidates, 200);
  EXPECT_DOUBLE_EQ(runs.at(0).figures.at("recall@10").value, .334);
}

TEST(RecordedResults, RefuseWhatTheyDoNotKnowInOneLine) {
  expect_refused("", "empty");
  expect_refused(" \n\n", "empty");
  expect_refused("nothing to see here\n", "no metric is known");
  expect_refused("{\"Recall@1\": 0.1,", "begins as JSON");
  expect_refused("{\"loss\": 0.1}", "no metric is known");
  expect_refused("run,recall@10\na,33.4\n", "--percent");
  expect_refused("run,recall@10\na,-0.4\n", "between 0 and 1");
  expect_refused("run,recall@10\na,334\n", "between 0 and 1");
  expect_refused("run,recall@10\na\n", "row 1 has 1 columns");
  expect_refused("INFO test result: {'recall@10': 0.2523, 'hit@10': 0.7953}\n", "several tracks are right");
  EXPECT_THROW(read_recorded("/no/such/file.csv", false), Error);
}

TEST(RecordedResults, ReadWhatLooksLikeACommandsOutputWithKeyAndValue) {
  const auto runs = read("cases: 50\ncandidates: 101\nhit_rate@10 = 0.25\nNDCG@10: 0.1\n");
  EXPECT_EQ(runs.at(0).figures.at("recall@10").value, .25);
  EXPECT_EQ(runs.at(0).cases, 50);
  EXPECT_EQ(runs.at(0).candidates, 101);
}

}  // namespace
}  // namespace segue
