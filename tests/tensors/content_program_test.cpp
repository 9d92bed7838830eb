// Models that know tracks by content, as their users call them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>
#include <thread>

#include "core/tensor_files.h"
#include "support/program.h"

namespace segue {
namespace {

using Words = std::vector<std::string>;

/// A made-up world with sound and genes, imported, prepared, encoded; made once.
class ContentProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch_ = new Scratch;
    ASSERT_EQ(segue_program({"simulate", "--into", world(), "--listeners", "10", "--tracks", "1500", "--plays", "10000", "--audio-tracks", "30", "--quiet"}).code, 0);
    ASSERT_EQ(segue_program({"import", world() + "/spotify", "--into", data(), "--quiet"}).code, 0);
    ASSERT_EQ(segue_program({"prepare", data(), "--protocol", "segue-own", "--quiet"}).code, 0);
    ASSERT_EQ(segue_program({"encode", data(), "--music", world() + "/library", "--encoder", "mfcc", "--quiet"}).code, 0);
    write_genes();
    ASSERT_EQ(segue_program({"encode", data(), "--table", genes(), "--signal", "genes", "--quiet"}).code, 0);
  }
  static void TearDownTestSuite() { delete scratch_; }
  static std::string path(const std::string& name) { return (*scratch_ / name).string(); }
  static std::string world() { return path("world"); }
  static std::string data() { return path("data"); }
  static std::string genes() { return path("genes.tsv"); }
  /// The world's genes with the names of their tracks, which stand in another file in the same order.
  static void write_genes() {
    std::istringstream names(read_file(world() + "/tracks.tsv")), values(read_file(world() + "/genes.tsv"));
    std::string name, value, table;
    while (std::getline(names, name) && std::getline(values, value)) {
      const size_t first = name.find('\t') + 1, end = name.find('\t', name.find('\t', first) + 1);
      table += name.substr(first, end - first) + value.substr(value.find('\t')) + "\n";
    }
    write_file(genes(), table);
  }
  static Ran train(const std::string& run, const Words& more) {
    Words words{"train", data(), "--protocol", "segue-own", "--run", path(run), "--quiet", "--json", "--threads", "1"};
    for (const char* setting : {"items.width=16", "windows.length=20", "windows.batch=8", "training.epochs=3", "objective.negatives=64"}) words.insert(words.end(), {"--set", setting});
    for (const auto& setting : more) words.insert(words.end(), {"--set", setting});
    return segue_program(words);
  }
  static Ran evaluate(const Words& runs, const Words& more = {}) {
    Words words{"evaluate", data(), "--protocol", "segue-own", "--ranker", "popular", "--into", path("judged"), "--json", "--quiet"};
    for (const auto& run : runs) words.insert(words.end(), {"--run", path(run)});
    words.insert(words.end(), more.begin(), more.end());
    return segue_program(words);
  }
  static void refuses(const Ran& ran, const std::string& because) {
    EXPECT_EQ(ran.code, 1) << ran.err;
    EXPECT_NE(ran.err.find(because), std::string::npos) << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
  }
  static Scratch* scratch_;
};
Scratch* ContentProgram::scratch_ = nullptr;

/// By name of the ranker.
std::map<std::string, double> recall_of(const nlohmann::json& evaluation) {
  std::map<std::string, double> all;
  for (const auto& ranker : evaluation["rankers"]) all[ranker["name"]] = ranker["metrics"]["recall@10"]["mean"];
  return all;
}

TEST_F(ContentProgram, FindsTracksThatNobodyPlayedByContentAndWithIdsAloneByChance) {
  ASSERT_EQ(train("fused", {"items.signals=[genes,mfcc]", "fusion.guard=false", "training.learn_from=train"}).code, 0);
  ASSERT_EQ(train("ids", {"training.learn_from=train"}).code, 0);
  const Ran judged = evaluate({"fused", "ids"}, {"--among", "unplayed", "--ties", "expected"});
  ASSERT_EQ(judged.code, 0) << judged.err;
  const auto document = judged.json();
  EXPECT_EQ(document["protocol"]["candidates"].get<std::string>().rfind("unplayed (", 0), 0u);
  const auto recall = recall_of(document);
  const double chance = document["chance"]["recall@10"];
  EXPECT_NEAR(recall.at("ids"), chance, 1e-9);
  EXPECT_GT(recall.at("fused"), 1.5 * chance);
}

TEST_F(ContentProgram, RecommendsAFileThatCameAfterTraining) {
  ASSERT_EQ(train("before", {"items.signals=[mfcc]", "fusion.guard=false", "training.learn_from=train"}).code, 0);
  // The sound of a track that is known, under another name.
  Path known;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(world() + "/library")) {
    if (entry.path().extension() == ".wav") known = entry.path();
  }
  const Path fresh = *scratch_ / "fresh/fresh.wav";
  std::filesystem::create_directories(fresh.parent_path());
  write_file(*scratch_ / "whose.tsv", "path\tartist\ttitle\n" + fresh.string() + "\tNobody\tNever Heard\n");
  std::filesystem::copy_file(known, fresh);
  const Words ask{"recommend", data(), "--run", path("before"), "--listener", "user_000001", "-k", "5000", "--json", "--quiet"};
  const auto named = [](const nlohmann::json& list, const std::string& title) {
    return std::find_if(list.begin(), list.end(), [&](const auto& row) { return row["title"] == title; });
  };
  const auto before = segue_program(ask).json()["tracks"];
  EXPECT_EQ(named(before, "Never Heard"), before.end());
  ASSERT_EQ(segue_program({"encode", data(), "--music", (*scratch_ / "fresh").string(), "--whose", path("whose.tsv"), "--encoder", "mfcc", "--quiet"}).code, 0);
  const Ran asked = segue_program(ask);
  ASSERT_EQ(asked.code, 0) << asked.err;
  const auto after = asked.json()["tracks"];
  const auto found = named(after, "Never Heard");
  ASSERT_NE(found, after.end());
  EXPECT_EQ((*found)["plays"], 0);
  // It is ranked by its content: not tied with the tracks of which nothing is known.
  const auto same = std::count_if(after.begin(), after.end(), [&](const auto& row) { return row["score"] == (*found)["score"]; });
  EXPECT_EQ(same, 1);
}

TEST_F(ContentProgram, SaysThatAPlantedSignalIsTheCauseAndNoiseIsNot) {
  // Every track has noise as wide as its genes, and of some hundred tracks nothing else is known.
  std::istringstream lines(read_file(genes()));
  std::string line, table;
  uint32_t state = 5;
  while (std::getline(lines, line)) {
    const size_t names = line.find('\t', line.find('\t') + 1);
    std::string row = line.substr(0, names);
    for (int d = 0; d < 20; ++d) {
      state = state * 1664525 + 1013904223;
      row += table.empty() ? fmt::format("\tn{}", d) : fmt::format("\t{}", (state >> 8) % 1000);
    }
    table += row + "\n";
  }
  write_file(*scratch_ / "noise.tsv", table);
  ASSERT_EQ(segue_program({"encode", data(), "--table", path("noise.tsv"), "--signal", "noise", "--quiet"}).code, 0);
  ASSERT_EQ(train("told", {"items.signals=[genes,noise]", "fusion.guard=false", "training.learn_from=train", "training.epochs=12", "windows.batch=4"}).code, 0);
  double by_genes = 0, by_noise = 0;
  for (const char* who : {"user_000001", "user_000002", "user_000003"}) {
    const Ran asked = segue_program({"recommend", data(), "--run", path("told"), "--listener", who, "--new", "-k", "20", "--why", "--why-plays", "3", "--json", "--quiet"});
    ASSERT_EQ(asked.code, 0) << asked.err;
    const auto document = asked.json();
    for (const auto& track : document["tracks"]) {
      std::map<std::string, int> kinds;
      for (const auto& cause : track["why"]["without"]) {
        ++kinds[cause["kind"]];
        const double moved = std::log(cause["rank"].get<double>() / track["why"]["rank"].get<double>());
        if (cause["kind"] == "signal") (cause["name"] == "genes" ? by_genes : by_noise) += std::abs(moved);
      }
      EXPECT_EQ(kinds, (std::map<std::string, int>{{"id", 1}, {"play", 3}, {"signal", 2}}));  // a model by itself has no counters
    }
  }
  EXPECT_GT(by_genes, 1.3 * by_noise);
}

TEST_F(ContentProgram, SaysOfEachPartWhatARunSaysThatDoesNotHearIt) {
  ASSERT_EQ(train("parted", {"items.signals=[genes,mfcc]", "fusion.guard=false", "training.epochs=1", "training.refit_epochs=0"}).code, 0);
  const auto hears = [](const std::string& ships, const std::string& without) {
    const std::string file = path("parted") + "/metrics.json";
    auto metrics = nlohmann::ordered_json::parse(read_file(file));
    metrics["ships"] = ships;
    metrics["parts"] = {{"id", without != "id"}, {"without", without.empty() || without == "id" ? Words{} : Words{without}}};
    write_file(file, metrics.dump());
  };
  const auto ask = [](const Words& more) {
    Words words{"recommend", data(), "--run", path("parted"), "--listener", "user_000001", "--json", "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    const Ran ran = segue_program(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran.json()["tracks"];
  };
  for (const char* ships : {"model", "mix"}) {
    hears(ships, "");
    const auto told = ask({"-k", "10", "--why", "--why-plays", "2"}), plain = ask({"-k", "10"});
    ASSERT_EQ(told.size(), plain.size());
    for (size_t i = 0; i < plain.size(); ++i) EXPECT_EQ(told[i]["track"], plain[i]["track"]) << ships;
    for (const std::string part : {"id", "genes", "mfcc"}) {
      hears(ships, part);
      const auto less = ask({"-k", "5000"});
      for (const auto& row : told) {
        const auto place = std::find_if(less.begin(), less.end(), [&](const auto& other) { return other["track"] == row["track"]; });
        const auto& causes = row["why"]["without"];
        const auto cause = std::find_if(causes.begin(), causes.end(), [&](const auto& one) { return one["kind"] == part || one.value("name", "") == part; });
        ASSERT_NE(cause, causes.end()) << ships << " " << part;
        EXPECT_EQ((*cause)["rank"], place - less.begin() + 1) << ships << " " << part;
        if (place == less.end()) continue;  // without the part nothing is known of it
        EXPECT_NEAR((*cause)["score"].get<double>(), (*place)["score"].get<double>(), 1e-5) << ships << " " << part;
      }
    }
  }
}

TEST_F(ContentProgram, GoesOnAfterItWasKilledToTheSameBits) {
  const Words settings{"items.signals=[genes,mfcc]", "training.checkpoint_every=5", "fusion.drop=0.2", "fusion.drop_id=0.1"};
  ASSERT_EQ(train("unbroken", settings).code, 0);
  Words words{"train", data(), "--protocol", "segue-own", "--run", path("killed"), "--quiet", "--threads", "2"};
  for (const char* setting : {"items.width=16", "windows.length=20", "windows.batch=8", "training.epochs=3", "objective.negatives=64"}) words.insert(words.end(), {"--set", setting});
  for (const auto& setting : settings) words.insert(words.end(), {"--set", setting});
  for (int round = 0; round < 4; ++round) {
    Running running(words);
    std::this_thread::sleep_for(std::chrono::milliseconds(900 + 400 * round));
    running.kill();
  }
  const Ran ended = segue_program(words);
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_TRUE(read_file(path("unbroken") + "/model.safetensors") == read_file(path("killed") + "/model.safetensors"));
  const auto name = [](const std::string& run) { return nlohmann::json::parse(read_file(path(run) + "/parts.json"))["reason"]; };
  EXPECT_EQ(name("unbroken"), name("killed"));
}

TEST_F(ContentProgram, ReadsWhatAnotherModelLearnedOfTracksAsASignal) {
  ASSERT_EQ(train("encoder", {"backbone.name=gru4rec"}).code, 0);
  const Ran made = segue_program({"encode", data(), "--ids", path("encoder"), "--signal", "gru-ids", "--json", "--quiet"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(made.json()["signal"]["width"], 16);
  ASSERT_EQ(train("reader", {"items.signals=[gru-ids,genes]", "training.epochs=1", "training.refit_epochs=0"}).code, 0);
  refuses(segue_program({"encode", data(), "--ids", path("reader"), "--signal", "again", "--quiet"}), "a run without items.signals is wanted");
  refuses(segue_program({"encode", data(), "--ids", path("world"), "--signal", "again", "--quiet"}), "no run that was trained");
}

TEST_F(ContentProgram, TakesThePapersFormulasAsTheyAre) {
  for (const char* fusion : {"concat", "cross_attention", "film", "weighted_sum"}) {
    const Ran ran = train(std::string("paper-") + fusion, {"items.signals=[genes,mfcc]", std::string("fusion.name=") + fusion, "fusion.faithful=true", "fusion.guard=false",
                                                           "training.epochs=0.5", "training.learn_from=train", "backbone.heads=1"});
    EXPECT_EQ(ran.code, 0) << fusion << ": " << ran.err;
  }
}

TEST_F(ContentProgram, SaysInOneLineWhatIsWrongWithASignal) {
  refuses(train("x", {"items.signals=[smell]"}), "smell");
  refuses(train("x", {"items.signals=[genes,genes]"}), "'genes' is named twice");
  refuses(train("x", {"items.signals=[genes]", "fusion.name=mixed"}), "no fusion 'mixed'; known: concat");
  refuses(train("x", {"items.signals=[genes]", "fusion.faithful=true"}), "the paper has no such fusion");
  refuses(train("x", {"items.signals=[genes]", "fusion.drop=1"}), "fusion.drop: 1;");
  refuses(train("x", {"items.signals={a: 1}"}), "list of names");

  const Path signals = Path(data()) / "signals";
  const auto copy = [&](const std::string& name) {
    std::filesystem::copy(signals / "genes", signals / name, std::filesystem::copy_options::recursive);
    auto about = nlohmann::json::parse(read_file(signals / name / "signal.json"));
    about["name"] = name;
    write_file(signals / name / "signal.json", about.dump());
    return signals / name / "vectors.safetensors";
  };
  const auto rewrite = [](const Path& file, const std::function<void(NamedTensors&)>& change) {
    const auto metadata = Safetensors(file).metadata();
    auto tensors = read_tensors(file);
    change(tensors);
    write_tensors(file, tensors, {metadata.begin(), metadata.end()});
  };
  const auto file = copy("spoiled");
  rewrite(file, [](NamedTensors& t) { t.at("vectors")[2][3].fill_(std::nan("")); });
  refuses(train("x", {"items.signals=[spoiled]"}), "signal 'spoiled': number 4 of track");
  rewrite(copy("unknown"), [](NamedTensors& t) { t.at("known").fill_(3); });  // files that could not be read
  refuses(train("x", {"items.signals=[unknown]"}), "knows none of the");
  rewrite(copy("lonely"), [](NamedTensors& t) {
    t.at("known").fill_(3);
    t.at("known")[0].fill_(1);
  });
  rewrite(copy("constant"), [](NamedTensors& t) { t.at("vectors").select(1, 5).fill_(0.25); });
  const Ran odd = train("odd", {"items.signals=[lonely,constant]", "training.epochs=0.5", "training.learn_from=train"});
  EXPECT_EQ(odd.code, 0) << odd.err;

  // A store with fewer rows than tracks is no error, one of another space is.
  ASSERT_EQ(train("kept", {"items.signals=[genes]", "training.epochs=0.5", "training.learn_from=train"}).code, 0);
  std::string table = read_file(genes());
  size_t lines = 0, end = 0;
  while (lines++ < 100) end = table.find('\n', end) + 1;
  write_file(*scratch_ / "few.tsv", std::string_view(table).substr(0, end));
  ASSERT_EQ(segue_program({"encode", data(), "--table", path("few.tsv"), "--signal", "few", "--quiet"}).code, 0);
  EXPECT_EQ(train("some", {"items.signals=[few]", "training.epochs=0.5", "training.learn_from=train"}).code, 0);
  std::filesystem::rename(signals / "genes", signals / "away");
  refuses(evaluate({"kept"}), "genes");
  ASSERT_EQ(segue_program({"encode", data(), "--table", path("few.tsv"), "--signal", "genes", "--quiet"}).code, 0);
  refuses(evaluate({"kept"}), "learned from a signal 'genes' of space");
  std::filesystem::remove_all(signals / "genes");
  std::filesystem::rename(signals / "away", signals / "genes");
  EXPECT_EQ(evaluate({"kept"}).code, 0);
}

}  // namespace
}  // namespace segue
