// The program is killed at random moments: a data folder then holds the old state or the new one, never some of both.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "core/random.h"
#include "listening/data_folder.h"
#include "sessions/prepared.h"
#include "support/program.h"

namespace segue {
namespace {

constexpr int rounds = 15;

/// A world with two halves of listeners: one is imported, the other is what is being imported.
struct World {
  World() {
    make_world(scratch / "world", 12, 40000);
    int number = 0;
    for (const auto& entry : std::filesystem::directory_iterator(scratch / "world" / "spotify")) {
      (number++ % 2 == 0 ? first : second).push_back(entry.path());
    }
    import(first, scratch / "old");
  }
  static Ran import(std::vector<std::string> logs, const Path& into) { return segue_program(arguments(std::move(logs), into)); }
  static std::vector<std::string> arguments(std::vector<std::string> logs, const Path& into) {
    logs.insert(logs.begin(), {"import", "--quiet"});
    logs.insert(logs.end(), {"--into", into.string()});
    return logs;
  }
  /// A fresh copy of the folder as it is before.
  Path old_state() const {
    const Path copy = scratch / "data";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(scratch / "old", copy, std::filesystem::copy_options::recursive);
    return copy;
  }

  Scratch scratch;
  std::vector<std::string> first, second;
};

const World& world() {
  static const World one;
  return one;
}

/// What the tables of a data folder say, having checked that they speak of one state.
std::string state_of(const Path& data) {
  const Reading reading(data);
  const DataFolder folder = load_data_folder(data);
  int64_t added = 0;
  for (const auto& source : folder.sources) added += source.added;
  EXPECT_EQ(folder.plays.count(), added);
  EXPECT_EQ(folder.spellings.track.size(), folder.spellings.title.size());
  for (const auto& plays : folder.plays.rows) {
    for (const auto& row : plays) {
      EXPECT_LT(row.spelling, folder.spellings.size());
      EXPECT_LT(row.source, folder.sources.size());
    }
  }
  for (const int32_t track : folder.spellings.track) EXPECT_LT(track, folder.tracks.size());
  return fmt::format("{} plays of {} tracks by {} listeners from {} sources", folder.plays.count(),
                     folder.tracks.size(), folder.plays.listeners.size(), folder.sources.size());
}

using Clock = std::chrono::steady_clock;

/// Seconds that a whole run takes.
template <class Job>
double seconds_of(const Job& job) {
  const auto start = Clock::now();
  job();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Starts the program and kills it after a random part of `whole` seconds.
void kill_early(const std::vector<std::string>& arguments, double whole, Random& random) {
  Running running(arguments);
  std::this_thread::sleep_for(std::chrono::duration<double>(whole * static_cast<double>(random.below(1000)) / 900));
  running.kill();
}

TEST(Killed, ImportLeavesTheOldStateOrTheNewOne) {
  const std::string before = state_of(world().old_state());
  Path data = world().old_state();
  const double whole = seconds_of([&] { ASSERT_EQ(World::import(world().second, data).code, 0); });
  const std::string after = state_of(data);
  ASSERT_NE(before, after);
  Random random(1);
  int old_states = 0;
  for (int round = 0; round < rounds; ++round) {
    data = world().old_state();
    kill_early(World::arguments(world().second, data), whole, random);
    const std::string found = state_of(data);
    EXPECT_TRUE(found == before || found == after) << found;
    old_states += found == before;
    if (round % 5 == 0) {
      EXPECT_EQ(World::import(world().second, data).code, 0);
      // Sources are counted anew when all was there already.
      EXPECT_EQ(state_of(data).substr(0, after.find(" from")), after.substr(0, after.find(" from")));
      EXPECT_FALSE(std::filesystem::exists(data / ".staged"));
    }
  }
  EXPECT_GT(old_states, 0);  // that some were killed in time
}

TEST(Killed, ImportBetweenItsCommitAndItsLastMoveIsFinishedByWhoComesNext) {
  const Path data = world().old_state();
  Path fresh = world().scratch / "fresh";
  std::filesystem::remove_all(fresh);
  ASSERT_EQ(World::import(world().second, fresh).code, 0);
  const std::string after = state_of(fresh);
  // What commit() leaves if it dies after its rename: some files moved, the others waiting.
  std::filesystem::create_directory(data / ".committed");
  int number = 0;
  for (const auto& entry : std::filesystem::directory_iterator(fresh)) {
    if (entry.path().filename().string().starts_with(".")) continue;
    std::filesystem::copy(entry.path(), (number++ % 2 == 0 ? data : data / ".committed") / entry.path().filename(),
                          std::filesystem::copy_options::overwrite_existing);
  }
  EXPECT_EQ(segue_program({"prepare", data.string(), "--protocol", "segue-own", "--no-hash"}).code, 0);
  EXPECT_EQ(state_of(data), after);
}

TEST(Killed, PrepareLeavesTheOldCasesOrTheNewOnes) {
  const Path data = world().old_state();
  const std::vector<std::string> old_rules{"prepare", data.string(), "--protocol", "segue-own", "--no-hash"};
  ASSERT_EQ(segue_program(old_rules).code, 0);
  const auto hash = [&] { return load_prepared(data, "segue-own").data_hash; };
  const std::string before = hash();
  auto new_rules = old_rules;
  new_rules.insert(new_rules.end(), {"--set", "sessions.gap_s=60"});
  const double whole = seconds_of([&] { ASSERT_EQ(segue_program(new_rules).code, 0); });
  const std::string after = hash();
  ASSERT_NE(before, after);
  Random random(2);
  for (int round = 0; round < rounds; ++round) {
    ASSERT_EQ(segue_program(old_rules).code, 0);
    kill_early(new_rules, whole, random);
    const Prepared found = load_prepared(data, "segue-own");
    EXPECT_TRUE(found.data_hash == before || found.data_hash == after) << round;
    EXPECT_EQ(found.protocol.sessions.gap_s, found.data_hash == before ? 1200 : 60);
    EXPECT_EQ(static_cast<int64_t>(found.session.size()), found.log.plays());
  }
}

TEST(Killed, EvaluateLeavesTheOldPageOrTheNewOne) {
  const Path data = world().old_state();
  ASSERT_EQ(segue_program({"prepare", data.string(), "--protocol", "segue-own", "--no-hash"}).code, 0);
  const auto evaluate_with = [&](const std::string& ranker) {
    return std::vector<std::string>{"evaluate", data.string(), "--protocol",  "segue-own", "--ranker",
                                    ranker,     "--quiet",     "--resamples", "100"};
  };
  ASSERT_EQ(segue_program(evaluate_with("follow")).code, 0);
  const double whole = seconds_of([&] { segue_program(evaluate_with("markov")); });
  Random random(3);
  const Path folder = data / "evaluations" / "segue-own";
  for (int round = 0; round < rounds; ++round) {
    ASSERT_TRUE(round % 5 != 0 || segue_program(evaluate_with("follow")).code == 0);
    kill_early(evaluate_with("markov"), whole, random);
    const Reading reading(folder);
    const auto name = nlohmann::json::parse(read_file(folder / "evaluation.json")).at("rankers").at(0).at("name").get<std::string>();
    for (const char* file : {"table.md", "page.html"}) EXPECT_NE(read_file(folder / file).find(name), std::string::npos) << file;
    Table ranks = read_table(folder / "ranks.parquet", {"ranker"});
    EXPECT_EQ(texts(ranks, "ranker")[0], name);
  }
}

TEST(TwoImports, AtOnceEndInOneStateAndOneRefusal) {
  const Path data = world().old_state();
  Running one(World::arguments(world().second, data)), other(World::arguments(world().second, data));
  const Ran first = one.wait(), second = other.wait();
  EXPECT_EQ(std::min(first.code, second.code), 0) << first.err << second.err;
  for (const auto* ran : {&first, &second}) {
    EXPECT_TRUE(ran->code == 0 || ran->err.find("another segue is at work here") != std::string::npos) << ran->err;
  }
  state_of(data);
}

}  // namespace
}  // namespace segue
