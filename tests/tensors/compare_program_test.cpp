// `compare` as its users call it: killed, shared, misspelt, on other data.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "core/random.h"
#include "support/program.h"

namespace segue {
namespace {

const char* const small = R"(data: data
protocol: segue-own
seeds: [1, 2]
rankers: [popular, counters]
base: {items: {width: 16}, windows: {length: 20, batch: 8}, objective: {negatives: 64}, training: {epochs: 2, refit_epochs: 1, checkpoint_every: 5}}
over: {backbone.name: [sasrec, gru4rec]}
)";

class CompareProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch_ = new Scratch;
    make_data("data", 6, 5000);
    scratch_->file("grid.yaml", small);
  }
  static void TearDownTestSuite() { delete scratch_; }
  /// The table of a comparison that nothing disturbed.
  static const std::string& undisturbed() {
    static const std::string table = [] {
      const Ran whole = compare("whole");
      EXPECT_EQ(whole.code, 0) << whole.err;
      return table_of(whole);
    }();
    return table;
  }
  static std::string path(const std::string& name) { return (*scratch_ / name).string(); }
  static void make_data(const std::string& name, int listeners, int plays) {
    make_world(path(name + "-world"), listeners, plays);
    ASSERT_EQ(segue_program({"import", path(name + "-world") + "/spotify", "--into", path(name), "--quiet"}).code, 0);
    ASSERT_EQ(segue_program({"prepare", path(name), "--protocol", "segue-own", "--quiet"}).code, 0);
  }
  static std::vector<std::string> arguments(const std::string& into, const std::vector<std::string>& more = {}, const std::string& grid = "grid.yaml") {
    std::vector<std::string> all{"compare", path(grid), "--into", path(into), "--threads", "1", "--resamples", "200", "--json", "--quiet"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static Ran compare(const std::string& into, const std::vector<std::string>& more = {}, const std::string& grid = "grid.yaml") {
    return segue_program(arguments(into, more, grid));
  }
  /// But for what it took, which differs from one time to the next.
  static std::string table_of(const Ran& ran) {
    auto document = ran.json();
    for (auto* one : {&document, &document["everything"]}) {
      one->erase("cost");
      for (auto& ranker : (*one)["rankers"]) ranker.erase("seconds");
    }
    return document.dump(1);
  }
  static Scratch* scratch_;
};
Scratch* CompareProgram::scratch_ = nullptr;

TEST_F(CompareProgram, PrintsOneDocumentAndLeavesThePageAndTheRuns) {
  const auto document = nlohmann::json::parse(undisturbed());
  EXPECT_EQ(document["rankers"].size(), 6u);  // popular, counters, two models alone and mixed
  EXPECT_EQ(document["protocol"]["seeds"], (std::vector<int>{1, 2}));
  std::map<std::string, int> tests;
  for (const auto& pair : document["pairs"]) ++tests[pair["family"]];
  EXPECT_EQ(tests["worth"], 8);     // two mixes against counters and alone, by two metrics
  EXPECT_EQ(tests["slices"], 8);    // two mixes against counters, in the four slices that have cases
  EXPECT_EQ(tests["variants"], 4);  // mixes and models, by two metrics
  EXPECT_EQ(document["pairs"][0]["why_not"], "2 seed(s); 5 are wanted") << document["pairs"][0].dump(1);
  for (const char* file : {"page.html", "table.md", "comparison.json", "figure.svg"}) EXPECT_TRUE(std::filesystem::exists(Path(path("whole")) / file)) << file;
  const Path run = Path(path("whole")) / "runs" / "gru4rec" / "seed-2";
  for (const char* file : {"config.yaml", "metrics.json", "ranks.parquet", "README.md", "model.safetensors"}) EXPECT_TRUE(std::filesystem::exists(run / file)) << file;
  const std::string card = read_file(run / "README.md");
  EXPECT_EQ(card.substr(0, 4), "---\n");
  EXPECT_NE(card.find(document["protocol"]["data_hash"].get<std::string>()), std::string::npos);
  EXPECT_NE(card.find("gru4rec+counters"), std::string::npos);
  EXPECT_EQ(card.find("user_0"), std::string::npos);  // nobody's name
}

TEST_F(CompareProgram, PlansWithoutDoingAnythingAndThenFromWhatItMeasured) {
  const Ran before = compare("unborn", {"--dry-run"});
  ASSERT_EQ(before.code, 0) << before.err;
  EXPECT_FALSE(std::filesystem::exists(path("unborn")));
  const auto plan = before.json();
  EXPECT_EQ(plan["runs_left"], 8);
  EXPECT_EQ(plan["variants"][2]["name"], "sasrec");
  EXPECT_EQ(plan["variants"][2]["from"], "arithmetic");
  EXPECT_GT(plan["variants"][2]["seconds"].get<double>(), 0);
  undisturbed();
  const auto after = compare("whole", {"--dry-run"}).json();
  EXPECT_EQ(after["runs_left"], 0);
  EXPECT_EQ(after["variants"][2]["from"], "measured");
  EXPECT_GT(after["variants"][2]["memory_bytes"].get<int64_t>(), 1 << 20);
  EXPECT_GE(after["off"].get<double>(), 1);
}

TEST_F(CompareProgram, ComparesUnderSeveralProtocolsRunsThatBeginFromOthers) {
  ASSERT_EQ(segue_program({"prepare", path("data"), "--protocol", "melochron-gts", "--quiet"}).code, 0);
  std::string grid = small;
  grid.replace(grid.find("protocol: segue-own"), 19, "protocol: [melochron-gts, segue-own]");
  grid.replace(grid.find("seeds: [1, 2]"), 13, "seeds: [1]");
  grid.erase(grid.find("over:"));
  scratch_->file("both.yaml", grid + "over: {encoder: {gru: {items.from: 'run:gru4rec', items.frozen: true}}, backbone.blocks: [1, 2]}\n"
                                     "variants: [{name: gru4rec, backbone.name: gru4rec}]\n");
  const Ran ran = compare("both", {"--pairwise"}, "both.yaml");
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto documents = ran.json()["protocols"];
  for (const char* protocol : {"melochron-gts", "segue-own"}) {
    EXPECT_EQ(documents[protocol]["protocol"]["name"], protocol);
    EXPECT_EQ(documents[protocol]["variants"].size(), 3u);
    EXPECT_TRUE(std::filesystem::exists(Path(path("both")) / protocol / "runs" / "gru-blocks-2" / "seed-1" / "cost.json"));
  }
}

TEST_F(CompareProgram, EndsWithTheSameTableHoweverOftenItWasKilled) {
  Random random(1);
  for (int round = 0; round < 6; ++round) {
    Running running(arguments("killed"));
    std::this_thread::sleep_for(std::chrono::milliseconds(700 + random.below(1500)));
    running.kill();
  }
  const Ran ended = compare("killed");
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(table_of(ended), undisturbed());
}

TEST_F(CompareProgram, GoesOnAfterAFullDisk) {
  const Ran full = segue_program(arguments("full"), {}, files_of_at_most(30'000));
  EXPECT_EQ(full.code, 1);
  EXPECT_EQ(full.out.find("\"rankers\""), std::string::npos);
  const Ran ended = compare("full");
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(table_of(ended), undisturbed());
}

TEST_F(CompareProgram, SharesAFolderWithAnotherProcess) {
  Running one(arguments("shared")), other(arguments("shared"));
  const Ran first = one.wait(), second = other.wait();
  ASSERT_EQ(first.code, 0) << first.err;
  ASSERT_EQ(second.code, 0) << second.err;
  EXPECT_EQ(table_of(first), undisturbed());
  EXPECT_EQ(table_of(second), undisturbed());
}

TEST_F(CompareProgram, SaysInOneLineWhatIsWrong) {
  const auto refuses = [&](const Ran& ran, const std::string& because) {
    EXPECT_EQ(ran.code, 1) << ran.err;
    EXPECT_NE(ran.err.find(because), std::string::npos) << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    EXPECT_EQ(ran.out, "");
  };
  const auto grid = [&](const std::string& more) { scratch_->file("other.yaml", "data: data\nprotocol: segue-own\n" + more); };
  grid("over: {items.widht: [16, 32]}\n");
  refuses(compare("x", {}, "other.yaml"), "no setting 'widht'; known: width");
  EXPECT_FALSE(std::filesystem::exists(path("x")));
  grid("over: {backbone.name: [sasrec, lstm]}\n");
  refuses(compare("x", {}, "other.yaml"), "no backbone 'lstm'");
  grid("rankers: [popluar]\n");
  refuses(compare("x", {}, "other.yaml"), "no ranker 'popluar'");
  refuses(compare("x", {}, "nowhere.yaml"), "nowhere.yaml");
  refuses(compare("x", {"--data", path("nowhere")}), "not prepared under 'segue-own'");
  refuses(segue_program(arguments("x"), {}, [] { ::setenv("WORLD_SIZE", "2", 1); }), "without torchrun");
  scratch_->file("taken/about.json", "{\"protocol\": \"segue-own\", \"data_hash\": \"of another log\"}\n");
  refuses(compare("taken"), "other data");
}

TEST_F(CompareProgram, ReportsARunThatFailsAndGoesOn) {
  scratch_->file("failing.yaml", std::string(small).substr(0, std::string(small).find("over:")) +
                                     "variants:\n- {name: good}\n- {name: wild, optimiser.rate: 1e30, optimiser.table_rate: 1e30, optimiser.clip: 0}\n");
  const Ran ran = compare("failing", {}, "failing.yaml");
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.err.find("2 of 8 runs and rankers failed"), std::string::npos) << ran.err;
  const auto document = ran.json();
  ASSERT_EQ(document["failed"].size(), 2u);
  EXPECT_EQ(document["failed"][0]["name"], "wild");
  EXPECT_NE(document["failed"][0]["reason"].get<std::string>().find("the loss is"), std::string::npos);
  EXPECT_EQ(document["rankers"].size(), 4u);
}

}  // namespace
}  // namespace segue
