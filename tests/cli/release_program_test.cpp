// The verb `release` and the way back, as a user meets them.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/random.h"
#include "core/table.h"
#include "experiments/checksums.h"
#include "signals/signal.h"
#include "support/logs.h"
#include "support/program.h"

namespace segue {
namespace {

namespace fs = std::filesystem;

/// A prepared world with a signal, released once.
struct World {
  World() {
    make_world(scratch / "world", 6, 9000);
    run({"import", (scratch / "world" / "spotify").string(), "--into", data(), "--quiet"});
    run({"prepare", data(), "--protocol", "segue-own", "--set", "sessions.min_user=0", "--set", "sessions.min_sessions=0"});
    Signal signal{{"made", "sound", "made up", 4}, {}, {}, {}, {}, {}, {}};
    for (int32_t track = 0; track < 100; ++track) {
      signal.track.push_back(track);
      signal.known.push_back(Known::vector);
      signal.content.push_back(track);
      for (int d = 0; d < 4; ++d) signal.vectors.push_back(0.1f * static_cast<float>(track * d));
    }
    const Path folder = signal_folder(data(), "made");
    fs::create_directories(folder);
    write_about(folder, signal.about);
    save_vectors(folder, signal);
    released = run({"release", data(), "--into", into(), "--license", "CC0-1.0", "--name", "A world", "--json"});
  }
  static Ran run(const std::vector<std::string>& arguments) {
    Ran ran = segue_program(arguments);
    if (ran.code != 0) throw std::runtime_error(ran.err);
    return ran;
  }
  std::string data() const { return (scratch / "data").string(); }
  std::string into() const { return (scratch / "shared").string(); }
  std::string path(const char* name) const { return (scratch / name).string(); }

  Scratch scratch;
  Ran released;
};

const World& world() {
  static const World one;
  return one;
}

/// The same without what differs from run to run.
nlohmann::json without(nlohmann::json json, const std::vector<std::string>& keys) {
  if (!json.is_structured()) return json;
  if (json.is_object()) {
    for (const auto& key : keys) json.erase(key);
  }
  for (auto& part : json) part = without(part, keys);
  return json;
}

nlohmann::json evaluation(const std::string& data) {
  return World::run({"evaluate", data, "--protocol", "segue-own", "--ranker", "counters", "--ranker", "popular", "--resamples", "100", "--json",
                     "--quiet"})
      .json();
}

TEST(ReleaseProgram, ReadBackIsJudgedTheSameToTheLastDigit) {
  const Ran read = World::run({"import", world().into(), "--into", world().path("back"), "--json"});
  EXPECT_EQ(read.json().at("release").at("name"), "A world");
  const auto before = evaluation(world().data()), after = evaluation(world().path("back"));
  ASSERT_GT(before.at("rankers").size(), 1u);
  EXPECT_EQ(without(before, {"seconds", "data_hash"}).dump(), without(after, {"seconds", "data_hash"}).dump());
  EXPECT_EQ(after.at("protocol").at("data_hash"), world().released.json().at("protocols")[0].at("data_hash"));
  const auto again = World::run({"prepare", world().path("back"), "--protocol", "segue-own", "--set", "sessions.min_user=0", "--set",
                                 "sessions.min_sessions=0", "--json"}).json();
  EXPECT_EQ(again.at("data_hash"), after.at("protocol").at("data_hash"));
}

TEST(ReleaseProgram, WithTheListenersNamesOnlyTheSecondsDiffer) {
  World::run({"release", world().data(), "--into", world().path("named"), "--keep-listeners"});
  World::run({"import", world().path("named"), "--into", world().path("named-back")});
  EXPECT_EQ(without(evaluation(world().data()), {"seconds"}).dump(), without(evaluation(world().path("named-back")), {"seconds"}).dump());
}

TEST(ReleaseProgram, PrintsOneDocumentAndSaysInWordsWhatItDid) {
  const auto json = world().released.json();
  EXPECT_EQ(json.at("license"), "CC0-1.0");
  EXPECT_EQ(json.at("listeners"), 6);
  EXPECT_EQ(json.at("signals")[0].at("vectors"), 100);
  int64_t rows = -1;
  for (const auto& file : json.at("files")) {
    EXPECT_TRUE(fs::is_regular_file(Path(world().into()) / file.at("file").get<std::string>())) << file;
    if (file.at("file") == "plays.parquet") rows = file.at("rows");
  }
  EXPECT_EQ(rows, json.at("plays"));
  const Ran said = World::run({"release", world().data(), "--into", world().path("said"), "--protocol", "none"});
  EXPECT_NE(said.out.find("README.md"), std::string::npos) << said.out;
  EXPECT_NE(said.out.find("--license"), std::string::npos) << said.out;
  EXPECT_EQ(said.err, "");
}

TEST(ReleaseProgram, SaysInOneLineWhatCanBeMended) {
  const auto expect = [](const std::vector<std::string>& arguments, int code, const std::string& part) {
    const Ran ran = segue_program(arguments);
    EXPECT_EQ(ran.code, code) << ran.err;
    EXPECT_NE(ran.err.find(part), std::string::npos) << ran.err;
    EXPECT_EQ(ran.out, "");
    if (code == 1) {
      EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    }
  };
  expect({"release", world().data()}, 2, "--into");
  expect({"release", world().data(), "--into", world().path("x"), "--protocl", "paper"}, 2, "--protocl");
  expect({"release", world().path("absent"), "--into", world().path("x")}, 1, "segue import");
  expect({"release", world().data(), "--into", world().path("x"), "--protocol", "paper"}, 1, "known: segue-own");
  expect({"release", world().data(), "--into", world().path("world")}, 1, "other files");
  expect({"import", world().into(), "--into", world().data()}, 1, "new folder");
  expect({"import", world().into(), world().path("world"), "--into", world().path("x")}, 1, "alone");
  expect({"import", world().into(), "--into", world().path("x"), "--listener", "me"}, 1, "taken as it is");
  EXPECT_FALSE(fs::exists(world().path("x")));
}

TEST(ReleaseProgram, LeavesAWholeReleaseOrNoneWhereItIsKilled) {
  Random random(7);
  const Path into = world().path("killed");
  for (int round = 0; round < 8; ++round) {
    Running running({"release", world().data(), "--into", into.string()});
    std::this_thread::sleep_for(std::chrono::milliseconds(static_cast<int64_t>(random.uniform() * 150)));
    running.kill();
    if (fs::exists(into)) verify(into, read_checksums(into));
  }
  World::run({"release", world().data(), "--into", into.string()});
  verify(into, read_checksums(into));
}

TEST(ReleaseProgram, StopsCleanlyWhereTheDiskIsFull) {
  const Path into = world().path("full");
  const Ran full = segue_program({"release", world().data(), "--into", into.string()}, {}, files_of_at_most(20000));
  EXPECT_EQ(full.code, 1) << full.err;
  EXPECT_FALSE(fs::exists(into));
  EXPECT_FALSE(fs::exists(world().path(".full.tmp")));
}

Ran shell(const std::string& command) { return Running({"-c", command}, {.program = "/bin/sh"}).wait(); }

TEST(ReleaseProgram, IsReadByItsLoaderInPython) {
  const char* given = std::getenv("SEGUE_PYTHON");
  const std::string python = given == nullptr ? "python3" : given;
  if (shell(python + " -c 'import polars' || " + python + " -c 'import pandas, pyarrow'").code != 0) {
    GTEST_SKIP() << python << " has neither Polars nor pandas; name one that has with SEGUE_PYTHON";
  }
  const Ran read = shell(python + " '" + world().into() + "/load.py'");
  ASSERT_EQ(read.code, 0) << read.err;
  const auto json = world().released.json();
  int tables = 0;
  for (const auto& file : json.at("files")) {
    if (!file.contains("rows")) continue;
    const std::string name = Path(file.at("file").get<std::string>()).replace_extension().string();
    EXPECT_NE(read.out.find(fmt::format("{}: {} rows: ", name, file.at("rows").get<int64_t>())), std::string::npos) << name << "\n" << read.out;
    ++tables;
  }
  EXPECT_EQ(tables, 10);
  EXPECT_NE(read.out.find("signal made: 100 x 4\n"), std::string::npos) << read.out;
  EXPECT_EQ(shell(python + " '" + world().into() + "/load.py' --verify").code, 0);
}

}  // namespace
}  // namespace segue
