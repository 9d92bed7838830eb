// A run that also says which plays will be finished, as its users call the program.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include <yaml-cpp/yaml.h>

#include "core/tensor_files.h"
#include "support/program.h"

namespace segue {
namespace {

class FinishProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch_ = new Scratch;
    ASSERT_EQ(segue_program({"simulate", "--into", path("world"), "--listeners", "8", "--tracks", "300", "--plays", "16000", "--audio-tracks", "0", "--quiet"}).code, 0);
    ASSERT_EQ(segue_program({"import", path("world") + "/spotify", "--into", path("data"), "--quiet"}).code, 0);
    ASSERT_EQ(segue_program({"prepare", path("data"), "--protocol", "segue-own", "--quiet"}).code, 0);
  }
  static void TearDownTestSuite() { delete scratch_; }
  static std::string path(const std::string& name) { return (*scratch_ / name).string(); }
  static std::vector<std::string> train(const std::string& run, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"train", path("data"), "--protocol", "segue-own", "--run", path(run), "--quiet", "--threads", "1"};
    std::vector<std::string> settings{"items.width=16", "windows.length=20", "windows.batch=8", "training.epochs=3", "objective.negatives=64", "training.checkpoint_every=5", "finish.weight=1", "plays.stopped=true"};
    settings.insert(settings.end(), more.begin(), more.end());
    for (const auto& setting : settings) words.insert(words.end(), {"--set", setting});
    return words;
  }
  static nlohmann::json metrics(const std::string& run) { return nlohmann::json::parse(read_file(path(run) + "/metrics.json")); }
  static Scratch* scratch_;
};
Scratch* FinishProgram::scratch_ = nullptr;

TEST_F(FinishProgram, SaysWhatItTellsOfValidationAndOfTest) {
  const Ran learned = segue_program(train("both", {"finish.weight=5", "finish.in_score=0.1", "items.width=32", "windows.length=50", "windows.batch=2", "training.epochs=8"}));
  ASSERT_EQ(learned.code, 0) << learned.err;
  const auto validation = metrics("both")["finish"];
  EXPECT_GT(validation["cases"].get<int>(), 50);
  EXPECT_GT(validation["finished"].get<double>(), 0.2);
  EXPECT_LT(validation["finished"].get<double>(), 0.8);
  for (const char* who : {"auc", "auc_by_track", "auc_by_listener"}) {
    EXPECT_LE(validation[who]["low"].get<double>(), validation[who]["mean"].get<double>()) << who;
    EXPECT_GE(validation[who]["high"].get<double>(), validation[who]["mean"].get<double>()) << who;
  }
  // How far a play is heard is planted as a matter of track and listener together: neither counter knows it.
  EXPECT_GT(validation["auc"]["low"].get<double>(), 0.6) << validation;
  EXPECT_LT(validation["auc_by_track"]["mean"].get<double>(), 0.6) << validation;
  EXPECT_LT(validation["auc_by_listener"]["mean"].get<double>(), 0.6) << validation;
  const Ran judged = segue_program({"evaluate", path("data"), "--protocol", "segue-own", "--ranker", "popular", "--run", path("both"), "--into", path("judged"), "--json", "--quiet"});
  ASSERT_EQ(judged.code, 0) << judged.err;
  const auto test = judged.json()["finish"]["both"];
  EXPECT_GT(test["auc"]["mean"].get<double>(), 0.6) << test;
  EXPECT_NE(test["cases"], validation["cases"]);
  const Ran known = segue_program({"recommend", path("data"), "--run", path("both"), "--listener", "user_000001", "-k", "5", "--json", "--quiet"});
  ASSERT_EQ(known.code, 0) << known.err;
  EXPECT_EQ(known.json()["tracks"].size(), 5u);
}

TEST_F(FinishProgram, GoesOnAfterItWasKilledToTheSameBits) {
  ASSERT_EQ(segue_program(train("unbroken")).code, 0);
  for (int round = 0; round < 3; ++round) {
    Running running(train("killed"));
    std::this_thread::sleep_for(std::chrono::milliseconds(900 + 300 * round));
    running.kill();
  }
  const Ran ended = segue_program(train("killed"));
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_TRUE(read_file(path("unbroken") + "/model.safetensors") == read_file(path("killed") + "/model.safetensors"));
  EXPECT_EQ(metrics("unbroken")["finish"], metrics("killed")["finish"]);
  EXPECT_TRUE(read_tensors(path("killed") + "/model.safetensors").contains("finish.pair"));
}

/// config.yaml of a run from before has neither the section nor the key.
TEST_F(FinishProgram, OpensRunsFromBeforeThereWasSuchAThing) {
  ASSERT_EQ(segue_program(train("before", {"finish.weight=0", "plays.stopped=false", "training.epochs=1", "training.refit_epochs=0"})).code, 0);
  EXPECT_FALSE(metrics("before").contains("finish"));
  const std::string file = path("before") + "/config.yaml";
  YAML::Node config = YAML::LoadFile(file);
  ASSERT_TRUE(config.remove("finish"));
  ASSERT_TRUE(config["plays"].remove("stopped"));
  write_file(file, YAML::Dump(config));
  const Ran judged = segue_program({"evaluate", path("data"), "--protocol", "segue-own", "--ranker", "popular", "--run", path("before"), "--into", path("judged-before"), "--json", "--quiet"});
  ASSERT_EQ(judged.code, 0) << judged.err;
  EXPECT_FALSE(judged.json().contains("finish"));
}

TEST_F(FinishProgram, SaysInOneLineWhatIsWrong) {
  for (const auto& [setting, because] : {std::pair("finish.share=2", "finish.share: 2"), std::pair("finish.weight=-1", "finish.weight: -1"), std::pair("finish.wieght=1", "no setting 'wieght'")}) {
    const Ran ran = segue_program(train("x", {setting}));
    EXPECT_EQ(ran.code, 1) << ran.err;
    EXPECT_NE(ran.err.find(because), std::string::npos) << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
  }
}

}  // namespace
}  // namespace segue
