// A grid of stand-ins: what is "learned" is the name of a ranker, so that everything around the learning is tested quickly.
#include "experiments/compare.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "experiments/plan.h"

#include "support/prepared_world.h"

namespace segue {
namespace {

/// The stand-in of a run answers as the ranker whose name is its backbone, mixed as `follow`.
struct StandIns {
  explicit StandIns(const Prepared& prepared) : prepared(prepared) {}

  RunTools tools() {
    RunTools tools;
    tools.resolved = [](const YAML::Node& config) {
      for (const auto& section : config) {
        const auto name = section.first.as<std::string>();
        if (name != "backbone" && name != "items") throw Error("no section '{}'; known: backbone, items", name);
      }
      return YAML::Clone(config);
    };
    tools.learn = [this](const Path& run, const YAML::Node& config, uint64_t seed) {
      const auto name = config["backbone"]["name"].as<std::string>();
      ++learned;
      if (name == fails && seed == 2) throw Error("step 3: the loss is nan");
      if (config["items"]) {
        const Path from = config["items"]["from"].as<std::string>();
        if (!std::filesystem::exists(from / "metrics.json")) throw Error("{}: was not learned", from.string());
      }
      YAML::Node whole = YAML::Clone(config);
      whole["run"]["seed"] = seed;
      std::filesystem::create_directories(run);
      write_file(run / "config.yaml", YAML::Dump(whole));
      write_file(run / "metrics.json", "{\"steps\": 3}\n");
    };
    tools.open = [this](const Path& run, uint64_t seed) {
      const auto name = YAML::LoadFile((run / "config.yaml").string())["backbone"]["name"].as<std::string>();
      const auto as = [this, seed](const std::string& ranker) {
        return [this, seed, ranker](const std::vector<Asked>&) { return rankers().at(ranker)({prepared.log, Part::val, seed}); };
      };
      const std::string called = run.filename().string();
      return std::vector<TrainedRanker>{{called, false, as(name)}, {called + "+counters", true, as("follow")}};
    };
    tools.work = [](const YAML::Node& config) { return RunWork{config["backbone"]["size"].as<double>(1), 1 << 20, false}; };
    tools.seconds_of_an_operation = [] { return 2.0; };
    tools.describe = [](const Path&, const Path& into) { write_file(into / "README.md", "a card\n"); };
    return tools;
  }

  const Prepared& prepared;
  std::atomic<int> learned = 0;
  std::string fails;
};

class Comparing : public testing::Test {
 protected:
  static void SetUpTestSuite() { world_ = new PreparedWorld(6, 4000); }
  static void TearDownTestSuite() { delete world_; }
  static std::string path(const std::string& name) { return world_->path(name); }
  static const Prepared& prepared() { return world_->prepared; }
  static Grid grid(const std::string& more = "seeds: [1, 2]\n", const std::string& names = "[popular, repeat-plays]") {
    return read_grid(world_->scratch.file("grid.yaml", "protocol: segue-own\nrankers: [popular, counters]\nover: {backbone.name: " + names + ", backbone.size: [1]}\n" + more).string());
  }
  static CompareResult compared(StandIns& stand_ins, const Grid& grid, const std::string& into) {
    return compare(grid, prepared(), stand_ins.tools(), {.folder = path(into), .resamples = 200});
  }
  /// The table but for what it took.
  static std::string table(const CompareResult& result) {
    auto document = nlohmann::json::parse(compare_json(result));
    for (auto* one : {&document, &document["everything"]}) {
      one->erase("cost");
      for (auto& ranker : (*one)["rankers"]) ranker.erase("seconds");
    }
    return document.dump();
  }
  static PreparedWorld* world_;
};
PreparedWorld* Comparing::world_ = nullptr;

TEST_F(Comparing, GivesEveryRunAndRankerARowAveragedOverSeeds) {
  StandIns stand_ins(prepared());
  const auto result = compared(stand_ins, grid(), "rows");
  std::set<std::string> names;
  for (const auto& ranker : result.catalogue.evaluation.rankers) names.insert(ranker.name + (ranker.mixed ? " (mixed)" : ""));
  EXPECT_EQ(names, (std::set<std::string>{"counters (mixed)", "popular", "popular-size-1", "popular-size-1+counters (mixed)", "repeat-plays-size-1",
                                         "repeat-plays-size-1+counters (mixed)"}));
}

TEST_F(Comparing, DoesNothingTwice) {
  StandIns stand_ins(prepared());
  const auto first = compared(stand_ins, grid(), "twice");
  EXPECT_EQ(stand_ins.learned, 4);
  const auto second = compared(stand_ins, grid(), "twice");
  EXPECT_EQ(stand_ins.learned, 4);
  EXPECT_EQ(compare_json(first), compare_json(second));
  std::filesystem::remove(Path(path("twice")) / "runs" / "popular-size-1" / "seed-2" / "evaluation.json");  // as if stopped before it was asked
  EXPECT_EQ(table(compared(stand_ins, grid(), "twice")), table(first));
  EXPECT_EQ(stand_ins.learned, 5);
  compared(stand_ins, grid("seeds: [1, 2, 3]\n"), "twice");
  EXPECT_EQ(stand_ins.learned, 7);
}

TEST_F(Comparing, AgreesWithWhatEvaluateSaysOfOneSeed) {
  StandIns stand_ins(prepared());
  const auto result = compared(stand_ins, grid("seeds: [1]\n"), "one");
  const auto said = evaluate(prepared(), {.rankers = {"popular", "counters"}, .resamples = 200});
  for (size_t i = 0; i < 2; ++i) {
    const auto &ours = result.catalogue.evaluation.rankers[i], &theirs = said.catalogue.rankers[i];
    EXPECT_EQ(ours.name, theirs.name);
    for (const auto& [metric, value] : theirs.all.metrics) {
      EXPECT_DOUBLE_EQ(ours.all.metrics.at(metric).mean, value.mean) << metric;
      EXPECT_DOUBLE_EQ(ours.all.metrics.at(metric).low, value.low) << metric;
    }
    EXPECT_DOUBLE_EQ(ours.slices.at("new").metrics.at("ndcg@10").high, theirs.slices.at("new").metrics.at("ndcg@10").high);
    EXPECT_EQ(ours.rank_histogram, theirs.rank_histogram);
    EXPECT_DOUBLE_EQ(result.everything->evaluation.rankers[i].slices.at("cold").metrics.at("ndcg@10").mean,
                     said.everything->rankers[i].slices.at("cold").metrics.at("ndcg@10").mean);
  }
}

TEST_F(Comparing, GoesOnPastARunThatFailsAndSaysWhy) {
  StandIns stand_ins(prepared());
  stand_ins.fails = "popular";
  const auto result = compared(stand_ins, grid(), "failing");
  ASSERT_EQ(result.catalogue.failed.size(), 1u);
  EXPECT_EQ(result.catalogue.failed[0].name, "popular-size-1");
  EXPECT_EQ(result.catalogue.failed[0].reason, "step 3: the loss is nan");
  EXPECT_NE(read_file(path("failing") + "/table.md").find("the loss is nan"), std::string::npos);
  EXPECT_EQ(result.catalogue.by_seed.at("popular-size-1+counters").size(), 1u);
  EXPECT_EQ(result.catalogue.by_seed.at("repeat-plays-size-1").size(), 2u);
  stand_ins.fails.clear();  // whatever it was is mended: the next call tries again
  EXPECT_TRUE(compared(stand_ins, grid(), "failing").catalogue.failed.empty());
  EXPECT_EQ(stand_ins.learned, 5);
}

TEST_F(Comparing, SharesTheWorkAmongSeveral) {
  StandIns one(prepared()), other(prepared()), serial(prepared());
  const Grid same = grid(), too = grid();  // each its own: YAML's nodes are not for two threads
  auto second = std::async(std::launch::async, [&] { return compared(other, too, "shared"); });
  const auto of_one = compared(one, same, "shared");
  const auto of_other = second.get();
  EXPECT_EQ(one.learned + other.learned, 4);
  EXPECT_EQ(compare_json(of_one), compare_json(of_other));
  EXPECT_EQ(table(of_one), table(compared(serial, grid(), "not shared")));
}

TEST_F(Comparing, RefusesBeforeAnythingIsLearned) {
  StandIns stand_ins(prepared());
  const auto refuses = [&](const Grid& grid, const std::string& into, const std::string& because) {
    try {
      compared(stand_ins, grid, into);
      ADD_FAILURE() << because;
    } catch (const Error& refused) {
      EXPECT_NE(std::string(refused.what()).find(because), std::string::npos) << refused.what();
    }
  };
  refuses(read_grid(world_->scratch.file("named.yaml", "variants: [{name: popular}]\n").string()), "wrong", "called as a ranker");
  refuses(grid("base: {backbon: {blocks: 2}}\n"), "wrong", "no section 'backbon'");
  EXPECT_FALSE(std::filesystem::exists(path("wrong")));
  EXPECT_EQ(stand_ins.learned, 0);
  compared(stand_ins, grid("seeds: [1]\n", "[popular]"), "taken");
  refuses(grid("seeds: [1]\nbase: {backbone: {blocks: 2}}\n", "[popular]"), "taken", "other settings");
  refuses(grid("seeds: [1]\npart: val\n", "[popular]"), "taken", "another part");
  Prepared other = prepared();
  other.data_hash = "of other data";
  EXPECT_THROW(compare(grid("seeds: [1]\n", "[popular]"), other, stand_ins.tools(), {.folder = path("taken")}), Error);
  EXPECT_EQ(stand_ins.learned, 1);
}

TEST_F(Comparing, LeavesInEachRunWhatItWasAskedAndACard) {
  StandIns stand_ins(prepared());
  compared(stand_ins, grid("seeds: [1]\n", "[popular]"), "left");
  const Path run = Path(path("left")) / "runs" / "popular-size-1" / "seed-1";
  const auto metrics = nlohmann::json::parse(read_file(run / "metrics.json"));
  EXPECT_EQ(metrics["steps"], 3);
  EXPECT_TRUE(metrics["test"].contains("opened"));
  EXPECT_GT(metrics["test"]["rankers"]["popular-size-1+counters"]["ndcg@10"]["mean"].get<double>(), 0);
  EXPECT_EQ(read_file(run / "README.md"), "a card\n");
  Table ranks = read_table(run / "ranks.parquet", {"ranker"});
  EXPECT_EQ(rows(ranks), 2 * prepared().test.size());
  for (const char* file : {"page.html", "figure.svg", "comparison.json"}) EXPECT_TRUE(std::filesystem::exists(Path(path("left")) / file)) << file;
}

const char* const of_each_other = "variants: [{name: second, backbone.name: popular, items.from: 'run:first'}, {name: first, backbone.name: repeat-plays}]\n";

TEST_F(Comparing, LearnsBeforeARunTheOneThatItBeginsFrom) {
  StandIns stand_ins(prepared());
  const auto from = [&](const std::string& name) { return read_grid(world_->scratch.file(name, std::string("protocol: segue-own\nseeds: [1, 2]\nrankers: [popular]\n") + of_each_other).string()); };
  const auto result = compared(stand_ins, from("from.yaml"), "begun");
  EXPECT_TRUE(result.catalogue.failed.empty());
  const auto config = YAML::LoadFile(path("begun") + "/runs/second/seed-2/config.yaml");
  EXPECT_EQ(config["items"]["from"].as<std::string>(), path("begun") + "/runs/first/seed-2");
  std::filesystem::rename(path("begun"), path("moved"));  // runs are known wherever the folder is
  EXPECT_EQ(compare_json(compared(stand_ins, from("from.yaml"), "moved")), compare_json(result));
  EXPECT_EQ(stand_ins.learned, 4);
  stand_ins.fails = "repeat-plays";
  const auto failing = compared(stand_ins, from("from.yaml"), "begun in vain");
  ASSERT_EQ(failing.catalogue.failed.size(), 2u);
  EXPECT_EQ(failing.catalogue.failed[1].reason, "begins from first, seed 2, which failed");
}

TEST_F(Comparing, SaysWhatEachValueOfAGridAdds) {
  StandIns stand_ins(prepared());
  const auto crossed = read_grid(world_->scratch.file("crossed.yaml", "protocol: segue-own\nseeds: [1, 2]\nrankers: [popular]\nover: {backbone.name: [popular, repeat-plays, markov], backbone.size: [1, 2]}\n").string());
  const auto result = compared(stand_ins, crossed, "crossed").catalogue;
  const auto figure = [&](const std::string& ranker) {
    for (const auto& row : result.evaluation.rankers) {
      if (row.name == ranker) return row.all.metrics.at("ndcg@10").mean;
    }
    throw std::out_of_range(ranker);
  };
  int found = 0;
  for (const auto& family : result.families) {
    EXPECT_NE(family.name, "effects");
    for (const auto& one : family.pairs) {
      EXPECT_TRUE(family.name != "matched" || one.slice.empty());
      if (family.name != "factors" || !one.slice.empty()) continue;
      ++found;
      const double expected = one.pair.a == "markov (alone)" ? figure("markov-size-1") - figure("popular-size-1") : one.factor == "backbone.size" ? 0 : one.pair.difference;
      EXPECT_NEAR(one.pair.difference, expected, 1e-12) << one.pair.a;  // the stand-ins know no size
    }
  }
  EXPECT_EQ(found, 2 * 3);
}

TEST_F(Comparing, WritesEveryFigureInARowOfItsOwn) {
  StandIns stand_ins(prepared());
  const auto result = compared(stand_ins, grid(), "rows too");
  std::istringstream lines(read_file(path("rows too") + "/table.csv"));
  std::string line;
  std::getline(lines, line);
  const auto columns = std::count(line.begin(), line.end(), ',');
  size_t rows = 0, alone = 0;
  while (std::getline(lines, line)) {
    ++rows;
    EXPECT_EQ(std::count(line.begin(), line.end(), ','), columns) << line;
    alone += line.find(",ranker,popular-size-1,,,new,ndcg@10,") != std::string::npos;
  }
  EXPECT_EQ(alone, 2u);  // among the catalogue and among everything
  EXPECT_GT(rows, 1000u);
}

TEST_F(Comparing, PlansWithoutDoingAnything) {
  StandIns stand_ins(prepared());
  const auto sizes = [&](const std::string& more) { return read_grid(world_->scratch.file("sizes.yaml", "protocol: segue-own\nrankers: [popular]\nover: {backbone.size: [1, 3]}\nbase: {backbone: {name: popular}}\n" + more).string()); };
  const Plan before = plan_of(sizes("seeds: [1, 2]\n"), prepared(), stand_ins.tools(), path("planned"));
  EXPECT_FALSE(std::filesystem::exists(path("planned")));
  EXPECT_EQ(stand_ins.learned, 0);
  ASSERT_EQ(before.variants.size(), 4u);  // popular, counters and two sizes
  EXPECT_EQ(before.variants[3].from, "arithmetic");
  EXPECT_DOUBLE_EQ(before.variants[3].seconds, 6);  // three operations of two seconds
  EXPECT_EQ(before.runs_left, 8);
  compared(stand_ins, sizes("seeds: [1]\n"), "planned");
  const Path third = Path(path("planned")) / "runs" / "size-3" / "seed-1";
  std::filesystem::remove_all(third);
  write_cost(Path(path("planned")) / "runs" / "size-1" / "seed-1", {.learning_s = 4, .asking_s = 1, .memory_bytes = 3 << 20});
  const Plan after = plan_of(sizes("seeds: [1, 2]\n"), prepared(), stand_ins.tools(), path("planned"));
  EXPECT_EQ(after.variants[2].from, "measured");
  EXPECT_DOUBLE_EQ(after.variants[2].seconds, 5);
  EXPECT_EQ(after.variants[2].memory_bytes, 3 << 20);
  EXPECT_EQ(after.variants[3].from, "other runs");
  EXPECT_DOUBLE_EQ(after.variants[3].seconds, 15);
  EXPECT_DOUBLE_EQ(after.off, 1);
  EXPECT_EQ(after.runs_left, 2 + 1 + 2);  // the rankers' second seeds, size-1's, both of size-3
}

TEST_F(Comparing, PutsWhatOthersRecordedBesideTheTableMarkedAsTheirs) {
  StandIns stand_ins(prepared());
  world_->scratch.file("theirs.csv", "run,Recall@5,Recall@10\nids only,.020,.053\nall signals,.039,.063\n");
  const auto with = [&](const std::string& recorded) { return grid("seeds: [1]\nrecorded: [" + recorded + "]\n", "[popular]"); };
  const auto result = compared(stand_ins, with("{file: theirs.csv, cases: 638, candidates: 200}"), "recorded");
  ASSERT_EQ(result.catalogue.recorded.size(), 1u);
  EXPECT_EQ(result.catalogue.recorded[0].runs[1].figure("recall@5")->hit, 25);
  for (const char* file : {"/table.md", "/page.html"}) {
    const auto text = read_file(path("recorded") + file);
    EXPECT_NE(text.find("Recorded by others, under their own protocol"), std::string::npos) << file;
    EXPECT_NE(text.find("all signals"), std::string::npos) << file;
  }
  EXPECT_EQ(nlohmann::json::parse(compare_json(result))["recorded"][0]["runs"].size(), 2u);
  EXPECT_THROW(with("{cases: 638}"), Error);
  EXPECT_THROW(with("{file: theirs.csv, questions: 638}"), Error);
  const int before = stand_ins.learned;
  EXPECT_THROW(compared(stand_ins, with("{file: theirs.csv, candidates: 200}"), "unrecorded"), Error);  // how many cases?
  EXPECT_EQ(stand_ins.learned, before);
}

}  // namespace
}  // namespace segue
