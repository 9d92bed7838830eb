// Several processes that train one model, started by hand with the variables that torchrun sets.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <sstream>
#include <thread>

#include "core/tensor_files.h"
#include "support/program.h"
#include "training/processes.h"

namespace segue {
namespace {

using Words = std::vector<std::string>;

/// A port of this machine that was free a moment ago.
int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(socket);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

class SeveralProcesses : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch_ = new Scratch;
    ASSERT_EQ(segue_program({"simulate", "--into", path("world"), "--listeners", "8", "--tracks", "400", "--plays", "6000", "--audio-tracks", "0", "--quiet"}).code, 0);
    ASSERT_EQ(segue_program({"import", path("world") + "/spotify", "--into", path("data"), "--quiet"}).code, 0);
    ASSERT_EQ(segue_program({"prepare", path("data"), "--protocol", "segue-own", "--quiet"}).code, 0);
  }
  static void TearDownTestSuite() { delete scratch_; }
  static std::string path(const std::string& name) { return (*scratch_ / name).string(); }

  static Words train(const std::string& run, const Words& more = {}) {
    Words words{"train", path("data"), "--protocol", "segue-own", "--run", path(run), "--quiet", "--threads", "1"};
    for (const char* one : {"items.width=16", "windows.length=20", "windows.batch=8", "training.epochs=3", "objective.negatives=64",
                            "training.checkpoint_every=5", "training.shards=2", "training.refit_epochs=1"}) {
      words.insert(words.end(), {"--set", one});
    }
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  static std::vector<std::unique_ptr<Running>> start(const Words& words, int count = 2) {
    const std::string port = std::to_string(free_port());
    std::vector<std::unique_ptr<Running>> all;
    for (int number = 0; number < count; ++number) {
      all.push_back(std::make_unique<Running>(words, Setting{.prepare = [=] {
        ::setenv("MASTER_ADDR", "127.0.0.1", 1);
        ::setenv("MASTER_PORT", port.c_str(), 1);
        ::setenv("WORLD_SIZE", std::to_string(count).c_str(), 1);
        ::setenv("RANK", std::to_string(number).c_str(), 1);
      }}));
    }
    return all;
  }
  static std::vector<Ran> run(const Words& words, int count = 2) {
    std::vector<Ran> ended;
    for (const auto& one : start(words, count)) ended.push_back(one->wait());
    return ended;
  }
  /// Until learning has left something that it can go on from.
  static bool wait_for_checkpoint(const std::string& run) {
    for (int i = 0; i < 600 && !std::filesystem::exists(path(run) + "/checkpoint.safetensors"); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return std::filesystem::exists(path(run) + "/checkpoint.safetensors");
  }
  static std::vector<double> losses(const std::string& run) {
    std::vector<double> all;
    std::istringstream lines(read_file(path(run) + "/log.ndjson"));
    for (std::string line; std::getline(lines, line);) all.push_back(nlohmann::json::parse(line)["loss"]);
    return all;
  }
  static Scratch* scratch_;
};
Scratch* SeveralProcesses::scratch_ = nullptr;

TEST_F(SeveralProcesses, ReachTheLossThatOneHasWithTheSameBatch) {
  ASSERT_EQ(segue_program(train("alone")).code, 0);
  for (const Ran& ran : run(train("two"))) ASSERT_EQ(ran.code, 0) << ran.err;
  const auto alone = losses("alone"), two = losses("two");
  ASSERT_EQ(alone.size(), 3u);
  ASSERT_EQ(two.size(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(alone[i], two[i], 1e-4 * alone[i]);  // sums in another order
}

TEST_F(SeveralProcesses, OnlyTheFirstWritesAndPrints) {
  const auto ran = run(train("three", {"--json"}), 3);
  for (const Ran& one : ran) {
    EXPECT_EQ(one.code, 0) << one.err;
    EXPECT_EQ(one.err, "");
  }
  EXPECT_EQ(ran[0].json()["validation"]["cases"], nlohmann::json::parse(read_file(path("three") + "/metrics.json"))["validation"]["cases"]);
  EXPECT_EQ(ran[1].out + ran[2].out, "");
}

TEST_F(SeveralProcesses, GoOnFromACheckpointToTheSameBits) {
  for (const Ran& ran : run(train("unbroken"))) ASSERT_EQ(ran.code, 0) << ran.err;
  {
    const auto all = start(train("broken"));
    ASSERT_TRUE(wait_for_checkpoint("broken"));
    for (const auto& one : all) one->kill();
  }
  for (const Ran& ran : run(train("broken"))) ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_TRUE(read_file(path("unbroken") + "/model.safetensors") == read_file(path("broken") + "/model.safetensors"));
}

TEST_F(SeveralProcesses, EndWithOneLineSoonAfterAnyOfThemWasKilled) {
  for (const size_t victim : {0u, 1u}) {
    const std::string name = "victim-" + std::to_string(victim);
    const auto all = start(train(name, {"--set", "training.epochs=10000", "--set", "training.patience=10000"}));
    ASSERT_TRUE(wait_for_checkpoint(name));
    all[victim]->kill();
    const auto began = std::chrono::steady_clock::now();
    const Ran other = all[1 - victim]->wait();
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(30));
    EXPECT_EQ(other.code, 1);
    EXPECT_NE(other.err.find("another process has ended"), std::string::npos) << other.err;
    EXPECT_EQ(std::count(other.err.begin(), other.err.end(), '\n'), 1) << other.err;
  }
}

TEST_F(SeveralProcesses, AllStopWhereALossIsNoNumber) {
  for (const Ran& ran : run(train("nan", {"--set", "optimiser.rate=1e30", "--set", "optimiser.table_rate=1e30", "--set", "optimiser.clip=0"}))) {
    EXPECT_EQ(ran.code, 1);
    EXPECT_NE(ran.err.find("learning stopped"), std::string::npos) << ran.err;
  }
}

TEST_F(SeveralProcesses, AreStartedByTorchrun) {
  const std::string packages = SEGUE_SOURCE_DIR "/.dependencies";
  const std::string python = "PYTHONPATH=" + packages + " python3 ";
  if (std::system((python + "-c 'import torch.distributed.run' 2>/dev/null").c_str()) != 0) GTEST_SKIP() << "no torchrun at " << packages;
  const auto with_torchrun = [&](const Words& words) {
    std::string command = python + "-m torch.distributed.run --standalone --no-python --nproc-per-node 2 -- " SEGUE_PROGRAM;
    for (const auto& word : words) command += " '" + word + "'";
    return std::system((command + " > " + path("torchrun.log") + " 2>&1").c_str());
  };
  ASSERT_EQ(with_torchrun(train("by-torchrun")), 0) << read_file(path("torchrun.log"));
  EXPECT_EQ(losses("by-torchrun").size(), 3u);
  const auto evaluate = [](const std::string& into) {
    return Words{"evaluate", path("data"), "--protocol", "segue-own", "--ranker", "popular", "--run", path("by-torchrun"), "--into", path(into), "--quiet"};
  };
  ASSERT_EQ(with_torchrun(evaluate("together")), 0) << read_file(path("torchrun.log"));
  ASSERT_EQ(segue_program(evaluate("alone-judged")).code, 0);
  const auto mean = [](const std::string& folder) {
    const auto document = nlohmann::json::parse(read_file(path(folder) + "/evaluation.json"));
    std::map<std::string, double> all;
    for (const auto& ranker : document["rankers"]) all[ranker["name"]] = ranker["metrics"]["ndcg@10"]["mean"];
    return all;
  };
  for (const auto& [name, value] : mean("alone-judged")) EXPECT_NEAR(mean("together").at(name), value, 1e-3) << name;
}

TEST_F(SeveralProcesses, RefuseAProcessThatReadsSomethingElse) {
  const std::string port = std::to_string(free_port());
  const auto one = [&](const std::string& number, const std::string& seed) {
    return std::make_unique<Running>(train("differ", {"--seed", seed}), Setting{.prepare = [=] {
      ::setenv("MASTER_ADDR", "127.0.0.1", 1);
      ::setenv("MASTER_PORT", port.c_str(), 1);
      ::setenv("WORLD_SIZE", "2", 1);
      ::setenv("RANK", number.c_str(), 1);
    }});
  };
  const auto first = one("0", "1"), second = one("1", "2");
  const Ran refused = second->wait();
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("another seed than process 0"), std::string::npos) << refused.err;
  EXPECT_EQ(first->wait().code, 1);
}

TEST_F(SeveralProcesses, SayWhatIsWrongWithTheVariables) {
  const auto refuses = [&](const std::string& number, const std::string& because) {
    const Ran ran = segue_program(train("x"), {}, [=] {
      ::setenv("MASTER_ADDR", "127.0.0.1", 1);
      ::setenv("WORLD_SIZE", "2", 1);
      ::setenv("RANK", number.c_str(), 1);
    });
    EXPECT_EQ(ran.code, 1);
    EXPECT_NE(ran.err.find(because), std::string::npos) << ran.err;
  };
  refuses("2", "RANK: '2'");
  refuses("one", "RANK: 'one'");
  refuses("0", "MASTER_PORT: ''");
}

TEST(Processes, PartsCoverAllAndDoNotOverlap) {
  const Processes alone;
  EXPECT_TRUE(alone.first());
  EXPECT_EQ(alone.part_of(7), (std::pair<size_t, size_t>{0, 7}));
  EXPECT_EQ(alone.take_from_first(std::string("word")), "word");
}

}  // namespace
}  // namespace segue
