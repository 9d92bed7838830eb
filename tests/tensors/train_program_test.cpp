// `train`, `evaluate --run` and `recommend --run` as their users call them.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "core/tensor_files.h"
#include "support/program.h"
#include "tensors/made_decoder.h"

namespace segue {
namespace {

const std::vector<std::string> quick{"--set", "items.width=16", "--set", "windows.length=20", "--set", "windows.batch=8", "--set", "training.epochs=3",
                                     "--set", "objective.negatives=64", "--set", "training.checkpoint_every=5", "--threads", "1"};

std::vector<std::string> words(std::vector<std::string> first, const std::vector<std::string>& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

/// A made-up world, imported and prepared; made once, for it takes a second.
class TrainProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch_ = new Scratch;
    ASSERT_EQ(segue_program({"simulate", "--into", world(), "--listeners", "8", "--tracks", "400", "--plays", "6000", "--audio-tracks", "0", "--quiet"}).code, 0);
    ASSERT_EQ(segue_program({"import", world() + "/spotify", "--into", data(), "--quiet"}).code, 0);
    ASSERT_EQ(segue_program({"prepare", data(), "--protocol", "segue-own", "--quiet"}).code, 0);
  }
  static void TearDownTestSuite() { delete scratch_; }
  static std::string path(const std::string& name) { return (*scratch_ / name).string(); }
  static std::string world() { return path("world"); }
  static std::string data() { return path("data"); }
  static std::vector<std::string> train(const std::string& run, const std::vector<std::string>& more = {}) {
    return words(words({"train", data(), "--protocol", "segue-own", "--run", path(run)}, quick), more);
  }
  static Scratch* scratch_;
};
Scratch* TrainProgram::scratch_ = nullptr;

TEST_F(TrainProgram, LearnsIsJudgedBesideTheCountersAndRecommends) {
  const Ran learned = segue_program(train("whole", {"--json", "--quiet"}));
  ASSERT_EQ(learned.code, 0) << learned.err;
  EXPECT_GT(learned.json()["validation"]["ndcg@10"].get<double>(), 0.05);
  const Ran judged = segue_program({"evaluate", data(), "--protocol", "segue-own", "--ranker", "popular", "--run", path("whole"), "--into", path("judged"), "--json", "--quiet"});
  ASSERT_EQ(judged.code, 0) << judged.err;
  std::map<std::string, double> ndcg;
  const auto document = judged.json();
  for (const auto& ranker : document["rankers"]) ndcg[ranker["name"]] = ranker["metrics"]["ndcg@10"]["mean"];
  EXPECT_GT(ndcg.at("whole"), ndcg.at("popular"));
  EXPECT_GT(ndcg.at("whole+counters"), ndcg.at("whole"));
  const Ran known = segue_program({"recommend", data(), "--run", path("whole"), "--listener", "user_000001", "-k", "5", "--json", "--quiet"});
  ASSERT_EQ(known.code, 0) << known.err;
  EXPECT_EQ(known.json()["tracks"].size(), 5u);
  const Ran stranger = segue_program({"recommend", data(), "--run", path("whole"), "--history", world() + "/spotify/user_000002.zip", "-k", "7", "--json", "--quiet"});
  ASSERT_EQ(stranger.code, 0) << stranger.err;
  EXPECT_EQ(stranger.json()["tracks"].size(), 7u);
}

TEST_F(TrainProgram, GoesOnAfterItWasKilledToTheSameBits) {
  ASSERT_EQ(segue_program(train("unbroken", {"--quiet"})).code, 0);
  for (int round = 0; round < 4; ++round) {
    Running running(train("killed", {"--quiet"}));
    std::this_thread::sleep_for(std::chrono::milliseconds(900 + 300 * round));
    running.kill();
  }
  const Ran ended = segue_program(train("killed", {"--quiet"}));
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_TRUE(read_file(path("unbroken") + "/model.safetensors") == read_file(path("killed") + "/model.safetensors"));
}

TEST_F(TrainProgram, LearnsForAPartOfAnEpoch) {
  const Ran whole = segue_program(train("one-epoch", {"--json", "--quiet", "--set", "training.epochs=1", "--set", "training.refit_epochs=0"}));
  const Ran part = segue_program(train("part-epoch", {"--json", "--quiet", "--set", "training.epochs=0.25", "--set", "training.refit_epochs=0"}));
  ASSERT_EQ(part.code, 0) << part.err;
  EXPECT_EQ(part.json()["steps"].get<int>(), (whole.json()["steps"].get<int>() + 3) / 4);
}

TEST_F(TrainProgram, SaysInOneLineWhatIsWrong) {
  const auto refuses = [&](const std::vector<std::string>& arguments, const std::string& because) {
    const Ran ran = segue_program(arguments);
    EXPECT_EQ(ran.code, 1) << ran.err;
    EXPECT_NE(ran.err.find(because), std::string::npos) << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
  };
  ASSERT_EQ(segue_program(train("good", {"--quiet"})).code, 0);
  refuses(train("x", {"--set", "backbone.blokcs=2"}), "no setting 'blokcs'");
  refuses(train("x", {"--set", "backbone.name=lstm"}), "no backbone 'lstm'");
  refuses(train("x", {"--set", "backbone.heads=5"}), "heads");
  refuses(train("x", {"--device", "tpu"}), "--device tpu");
  refuses(train("good", {"--seed", "2"}), "another seed");
  refuses(train("broken", {"--quiet", "--set", "optimiser.rate=1e30", "--set", "optimiser.table_rate=1e30", "--set", "optimiser.clip=0"}), "learning stopped");
  refuses({"evaluate", data(), "--protocol", "segue-own", "--run", path("nowhere")}, "no run here");

  const std::string model = read_file(path("good") + "/model.safetensors");
  write_file(path("good") + "/model.safetensors", std::string_view(model).substr(0, model.size() / 2));
  refuses({"evaluate", data(), "--protocol", "segue-own", "--run", path("good"), "--quiet"}, "cut short");

  const std::string other = path("other");
  ASSERT_EQ(segue_program({"simulate", "--into", path("other-world"), "--listeners", "4", "--tracks", "300", "--plays", "3000", "--audio-tracks", "0", "--seed", "9", "--quiet"}).code, 0);
  ASSERT_EQ(segue_program({"import", path("other-world") + "/spotify", "--into", other, "--quiet"}).code, 0);
  ASSERT_EQ(segue_program({"prepare", other, "--protocol", "segue-own", "--quiet"}).code, 0);
  ASSERT_EQ(segue_program(train("again", {"--quiet"})).code, 0);
  refuses({"evaluate", other, "--protocol", "segue-own", "--run", path("again"), "--quiet"}, "another data folder");
}

class LanguageProgram : public TrainProgram {
 protected:
  static void SetUpTestSuite() {
    TrainProgram::SetUpTestSuite();
    MadeDecoder made;
    made.config["max_position_embeddings"] = 512;
    std::filesystem::create_directories(model());
    made.write_with_tokenizer(model());
  }
  static std::string model() { return path("model"); }
  static std::vector<std::string> language(const std::string& run, const std::vector<std::string>& more = {}) {
    return train(run, words({"--set", "backbone.name=language", "--set", "backbone.folder=" + model(), "--set", "backbone.instruction=next", "--set", "backbone.rank=4", "--quiet"}, more));
  }
};

TEST_F(LanguageProgram, AnswersWithoutTraining) {
  const Ran judged = segue_program({"evaluate", data(), "--protocol", "segue-own", "--ranker", "popular", "--zero-shot", "embedding", "--zero-shot", "untrained", "--zero-shot", "likelihood", "--model", model(),
                                    "--history", "2", "--sampled", "20", "--cases", "30", "--into", path("zero"), "--json", "--quiet"});
  ASSERT_EQ(judged.code, 0) << judged.err;
  std::map<std::string, nlohmann::json> of;
  const auto document = judged.json();
  EXPECT_LE(document["protocol"]["cases"].get<int>(), 30);
  for (const auto& ranker : document["rankers"]) of[ranker["name"]] = ranker;
  for (const char* name : {"embedding (model)", "likelihood (model)", "lift (model)", "untrained (model)"}) EXPECT_TRUE(of.count(name)) << name;
  EXPECT_NE(of.at("untrained (model)")["note"].get<std::string>().find("chance: learned nothing"), std::string::npos);
  EXPECT_NE(of.at("likelihood (model)")["metrics"], of.at("lift (model)")["metrics"]);
  const Ran whole = segue_program({"evaluate", data(), "--protocol", "segue-own", "--ranker", "popular", "--zero-shot", "likelihood", "--model", model(), "--into", path("zero"), "--quiet"});
  EXPECT_EQ(whole.code, 1);
  EXPECT_NE(whole.err.find("--sampled 99"), std::string::npos) << whole.err;
  EXPECT_EQ(segue_program({"evaluate", data(), "--protocol", "segue-own", "--zero-shot", "embedding", "--quiet"}).code, 2);  // over which model?
}

TEST_F(LanguageProgram, ReadsTheVectorsOfAnIdEncoderAsThePaperHasIt) {
  ASSERT_EQ(segue_program(train("ids", {"--quiet", "--set", "items.unit=false"})).code, 0);
  const auto settings = words({"--config", std::string(SEGUE_SOURCE_DIR) + "/configs/paper/qwen2.5-7b.yaml", "--set", "items.from=" + path("ids"), "--set", "backbone.instruction=next", "--set", "backbone.response=so",
                               "--set", "training.epochs=1", "--set", "training.refit_epochs=1", "--set", "windows.batch=64"}, {});
  const Ran learned = segue_program(language("paper", settings));
  ASSERT_EQ(learned.code, 0) << learned.err;
  const auto ids = read_tensors(path("ids") + "/model.safetensors"), paper = read_tensors(path("paper") + "/model.safetensors");
  EXPECT_TRUE(paper.at("items.ids").equal(ids.at("items.ids")));
  EXPECT_EQ(paper.at("head.ids").size(1), 16);
  EXPECT_TRUE(std::filesystem::exists(path("paper") + "/adapter/adapter_model.safetensors"));
  const Ran refused = segue_program(language("none", words(settings, {"--set", "items.from=" + path("nowhere")})));
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("is no run that was trained"), std::string::npos) << refused.err;
}

TEST_F(LanguageProgram, IsToldInWordsAndRecommends) {
  const Ran learned = segue_program(language("told", {"--set", "backbone.told=2", "--set", "windows.targets=last", "--set", "windows.batch=64", "--set", "training.epochs=1", "--set", "training.refit_epochs=0"}));
  ASSERT_EQ(learned.code, 0) << learned.err;
  const Ran known = segue_program({"recommend", data(), "--run", path("told"), "--listener", "user_000001", "-k", "5", "--json", "--quiet"});
  ASSERT_EQ(known.code, 0) << known.err;
  EXPECT_EQ(known.json()["tracks"].size(), 5u);
}

/// The same tracks, with scores up to rounding: one token is multiplied in another order than many.
void expect_alike(const Ran& some, const Ran& others) {
  const auto a = some.json()["tracks"], b = others.json()["tracks"];
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i]["track"], b[i]["track"]);
    EXPECT_NEAR(a[i]["score"].get<double>(), b[i]["score"].get<double>(), 1e-4);
  }
}

TEST_F(LanguageProgram, KeepsWhatItHasReadOfAListener) {
  for (const char* run : {"kept", "other"}) {
    const Ran learned = segue_program(language(run, {"--set", "training.epochs=1", "--set", "training.refit_epochs=0", "--seed", run[0] == 'k' ? "1" : "2"}));
    ASSERT_EQ(learned.code, 0) << learned.err;
    const Path metrics = Path(path(run)) / "metrics.json";  // what so small a model ships is the counters, which read nothing
    auto said = nlohmann::json::parse(read_file(metrics));
    said["ships"] = "model";
    write_file(metrics, said.dump());
  }
  const auto asked = [](const std::string& run) { return segue_program({"recommend", data(), "--run", path(run), "--listener", "user_000001", "--cache", path("cache"), "-k", "5", "--json"}); };
  const Ran first = asked("kept");
  ASSERT_EQ(first.code, 0) << first.err;
  std::vector<Path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path("cache"))) files.push_back(entry.path());
  ASSERT_EQ(files.size(), 1u);
  const Path& file = files.front();
  const auto written = std::filesystem::last_write_time(file);
  const auto kept = read_tensors(file);
  EXPECT_EQ(kept.at("inside").size(2), kept.at("plays").size(0));
  const Ran again = asked("kept");
  expect_alike(again, first);
  EXPECT_GE(std::filesystem::last_write_time(file), written);
  const Ran other = asked("other");
  EXPECT_EQ(other.code, 0) << other.err;
  EXPECT_NE(other.err.find("another run's model; its plays are read anew"), std::string::npos) << other.err;
  EXPECT_EQ(asked("other").err.find("another run's model"), std::string::npos);
  write_file(file, "torn");
  const Ran torn = asked("other");
  expect_alike(torn, other);
  EXPECT_NE(torn.err.find("its plays are read anew"), std::string::npos) << torn.err;
  EXPECT_EQ(segue_program({"recommend", data(), "--listener", "user_000001", "--cache", path("cache")}).code, 2);  // of which model?
  ASSERT_EQ(segue_program(train("no-words", {"--quiet", "--set", "training.epochs=1", "--set", "training.refit_epochs=0"})).code, 0);
  const Ran useless = asked("no-words");
  EXPECT_EQ(useless.code, 1);
  EXPECT_NE(useless.err.find("--cache is of no use"), std::string::npos) << useless.err;
}

/// A model whose file was cut short while it was in use: mapped, or read anew for each pass.
class LostModel : public LanguageProgram, public testing::WithParamInterface<std::vector<std::string>> {};

TEST_P(LostModel, IsSaidInOneLineAndTheCheckpointStays) {
  const std::string copy = path("lost-model"), run = path("lost"), file = copy + "/model.safetensors";
  std::filesystem::copy(model(), copy, std::filesystem::copy_options::recursive);
  Running running(language("lost", words({"--set", "backbone.folder=" + copy, "--set", "training.epochs=10000"}, GetParam())));
  const std::string checkpoint = run + "/checkpoint.safetensors";
  for (int i = 0; i < 3000 && !std::filesystem::exists(checkpoint); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  std::filesystem::resize_file(file, 0);
  const Ran ended = running.wait();
  EXPECT_EQ(ended.code, 1) << ended.err;
  EXPECT_NE(ended.err.find(file), std::string::npos) << ended.err;
  EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
  EXPECT_FALSE(read_tensors(checkpoint).empty());
  for (const auto& gone : {copy, run}) std::filesystem::remove_all(gone);
}

INSTANTIATE_TEST_SUITE_P(Ways, LostModel, testing::Values(std::vector<std::string>{}, std::vector<std::string>{"--weights-budget", "12KiB"}));

TEST_F(LanguageProgram, GoesOnQuantisingOnceThereIsRoomAgain) {
  const std::vector<std::string> quantise{"quantise", model(), "--into", path("narrow-disk"), "--quiet"};
  const Ran full = segue_program(quantise, {}, files_of_at_most(2000));
  EXPECT_EQ(full.code, 1);
  EXPECT_NE(full.err.find("File too large"), std::string::npos) << full.err;  // what this limit calls it
  EXPECT_EQ(std::count(full.err.begin(), full.err.end(), '\n'), 1) << full.err;
  EXPECT_EQ(segue_program(quantise).code, 0);
}

TEST_F(LanguageProgram, LearnsTheSameOverLayersThatAreReadAnewEachTime) {
  const Ran made = segue_program({"quantise", model(), "--into", path("nf4"), "--json", "--quiet"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(made.json()["matrices"], 14);
  const std::vector<std::string> settings{"--set", "backbone.folder=" + path("nf4"), "--set", "training.epochs=1", "--set", "training.refit_epochs=0"};
  ASSERT_EQ(segue_program(language("roomy", settings)).code, 0);
  const Ran streamed = segue_program(language("streamed", words(settings, {"--weights-budget", "6KiB"})));
  ASSERT_EQ(streamed.code, 0) << streamed.err;
  EXPECT_TRUE(read_file(path("roomy") + "/model.safetensors") == read_file(path("streamed") + "/model.safetensors"));
  const Ran narrow = segue_program(language("narrow", words(settings, {"--weights-budget", "3KiB"})));
  EXPECT_EQ(narrow.code, 1);
  EXPECT_NE(narrow.err.find("--weights-budget 3.0 KiB: a layer of"), std::string::npos) << narrow.err;
  const Ran otherwise = segue_program(language("otherwise", words(settings, {"--set", "backbone.storage=int8"})));
  EXPECT_EQ(otherwise.code, 1);
  EXPECT_NE(otherwise.err.find("is quantised to nf4"), std::string::npos) << otherwise.err;
  const Ran twice = segue_program(language("twice", {"--device", "cpu,cpu"}));
  EXPECT_EQ(twice.code, 1);
  EXPECT_NE(twice.err.find("--device cpu,cpu: cpu is named twice"), std::string::npos) << twice.err;
  EXPECT_EQ(segue_program({"quantise", path("nf4"), "--into", path("twice")}).code, 1);
  EXPECT_EQ(segue_program({"quantise", model(), "--storage", "f32", "--into", path("twice")}).code, 2);
}

/// The adapter is there whole or not at all, whenever the program is killed, and ends with the same bits.
TEST_F(LanguageProgram, GoesOnAfterItWasKilledToTheSameBits) {
  const auto arguments = [](const std::string& run) { return language(run, {"--set", "training.epochs=2", "--set", "training.refit_epochs=1", "--set", "backbone.recompute=true"}); };
  ASSERT_EQ(segue_program(arguments("unbroken-language")).code, 0);
  const Path adapter = Path(path("killed-language")) / "adapter" / "adapter_model.safetensors";
  for (int round = 0; round < 4; ++round) {
    Running running(arguments("killed-language"));
    std::this_thread::sleep_for(std::chrono::milliseconds(900 + 400 * round));
    running.kill();
    if (std::filesystem::exists(adapter)) {
      EXPECT_NO_THROW(read_tensors(adapter)) << round;
    }
  }
  ASSERT_EQ(segue_program(arguments("killed-language")).code, 0);
  EXPECT_TRUE(read_file(path("unbroken-language") + "/model.safetensors") == read_file(path("killed-language") + "/model.safetensors"));
  EXPECT_TRUE(read_file(path("unbroken-language") + "/adapter/adapter_model.safetensors") == read_file(adapter));
}

/// A run is not gone on with, nor asked, over another model of the same shape, and leaves nothing where there is no model.
TEST_F(LanguageProgram, RefusesAnotherModelThanItLearnedOver) {
  const Ran nothing = segue_program(language("nothing", {"--set", "backbone.folder=" + path("no-model")}));
  EXPECT_EQ(nothing.code, 1);
  EXPECT_NE(nothing.err.find("no language model here"), std::string::npos) << nothing.err;
  EXPECT_FALSE(std::filesystem::exists(path("nothing") + "/config.yaml"));
  const std::string folder = path("changing");
  std::filesystem::create_directories(folder);
  MadeDecoder().write_with_tokenizer(folder);
  ASSERT_EQ(segue_program(language("over", {"--set", "backbone.folder=" + folder, "--set", "training.epochs=1", "--set", "training.refit_epochs=0"})).code, 0);
  MadeDecoder(2).write_with_tokenizer(folder);
  const Ran refused = segue_program({"evaluate", data(), "--protocol", "segue-own", "--run", path("over"), "--quiet"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("not the language model that this run was trained over"), std::string::npos) << refused.err;
}

}  // namespace
}  // namespace segue
