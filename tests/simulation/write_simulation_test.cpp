#include "simulation/write_simulation.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/error.h"
#include "tiny_world.h"

namespace segue::simulation {
namespace {

namespace fs = std::filesystem;

std::map<std::string, std::string> files_of(const Path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[fs::relative(entry.path(), folder).string()] = read_file(entry.path());
  }
  return files;
}

WrittenFiles write(const Simulation& made, const Path& into, bool overwrite = false) {
  StagedFolder folder(into, simulation_mark, overwrite);
  return write_simulation(made, folder);
}

/// The tiny world, written once.
class WriteSimulation : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>();
    made_ = simulate(tiny());
    written_ = write(made_, folder_->path / "world");
    files_ = files_of(folder_->path / "world");
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static inline std::unique_ptr<TemporaryFolder> folder_;
  static inline Simulation made_;
  static inline WrittenFiles written_;
  static inline std::map<std::string, std::string> files_;
};

TEST_F(WriteSimulation, GivesTheSameBytesTwiceAndOthersForAnotherSeed) {
  write(simulate(tiny()), folder_->path / "again");
  EXPECT_EQ(files_of(folder_->path / "again"), files_);
  write(simulate(tiny(2)), folder_->path / "other");
  EXPECT_NE(files_of(folder_->path / "other"), files_);
}

TEST_F(WriteSimulation, CountsWhatItWrote) {
  int64_t bytes = 0, lyrics = 0, sounds = 0;
  for (const auto& [name, text] : files_) {
    bytes += static_cast<int64_t>(text.size());
    lyrics += name.ends_with(".lrc");
    sounds += name.ends_with(".wav");
  }
  EXPECT_EQ(written_.files, static_cast<int64_t>(files_.size()));
  EXPECT_EQ(written_.bytes, bytes);
  EXPECT_EQ(written_.lyrics, lyrics);
  EXPECT_EQ(static_cast<int64_t>(made_.sounds.size()), sounds);
  EXPECT_GE(sounds, 16);
  for (const auto& [track, name] : made_.sounds) EXPECT_TRUE(files_.contains(name)) << name;
}

TEST_F(WriteSimulation, TheLogAndTheAccountExportsHoldTheSamePlays) {
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> in_log, in_exports;
  std::istringstream log(files_.at("lastfm/userid-timestamp-artid-artname-traid-traname.tsv"));
  for (std::string line; std::getline(log, line);) {
    std::vector<std::string> cells;
    std::istringstream row(line + "\t");
    for (std::string cell; std::getline(row, cell, '\t');) cells.push_back(cell);
    ASSERT_EQ(cells.size(), 6u);
    auto& plays = in_log[cells[0]];
    plays.insert(plays.begin(), {cells[3], cells[5]});  // newest first there
  }
  for (const Listener& listener : made_.listeners) {
    for (const auto& [name, text] : unzip(files_.at("spotify/" + listener.name + ".zip"))) {
      EXPECT_EQ(name, "Spotify Account Data/StreamingHistory_music_0.json");
      auto& plays = in_exports[listener.name];
      for (const auto& row : nlohmann::json::parse(text)) plays.emplace_back(row.at("artistName"), row.at("trackName"));
    }
  }
  EXPECT_EQ(in_log, in_exports);
}

TEST_F(WriteSimulation, PlantedTruthIsWhatHappened) {
  const auto truth = nlohmann::json::parse(files_.at("planted.json"));
  const Counts counts = count(made_);
  EXPECT_EQ(truth.at("sizes").at("plays"), counts.plays);
  EXPECT_NEAR(truth.at("repeats").get<double>(), 1.0 * counts.repeats / counts.plays, 1e-4);
  EXPECT_EQ(truth.at("completion").at("slope"), made_.habits.completion_slope);
  double shares = 0.0;
  for (const auto& [kind, share] : truth.at("share_of_plays").items()) shares += share.get<double>();
  EXPECT_NEAR(shares, 1.0, 0.001);
  EXPECT_EQ(truth.at("tracks").size(), made_.world.tracks.size());
}

TEST_F(WriteSimulation, TheTableOfTracksHasARowForEverySpelling) {
  std::istringstream table(files_.at("tracks.tsv"));
  std::string line;
  std::getline(table, line);
  EXPECT_EQ(line, "track_key\tartist\ttitle\tduration_ms\tgenre\treleased");
  size_t rows = 0, spellings = 0;
  while (std::getline(table, line)) rows += std::count(line.begin(), line.end(), '\t') == 5;
  for (const Track& track : made_.world.tracks) spellings += track.spellings.size();
  EXPECT_EQ(rows, spellings);
}

TEST_F(WriteSimulation, LeavesNothingBesideTheFolder) {
  for (const auto& entry : fs::directory_iterator(folder_->path)) EXPECT_NE(entry.path().filename().string()[0], '.');
}

TEST_F(WriteSimulation, RefusesAFolderThatHoldsSomething) {
  const Path mine = folder_->path / "mine";
  fs::create_directory(mine);
  std::ofstream(mine / "letter.txt") << "dear";
  EXPECT_THROW(StagedFolder(mine, simulation_mark, true), Error) << "not even --overwrite removes a stranger's files";
  EXPECT_TRUE(fs::exists(mine / "letter.txt"));
  EXPECT_THROW(StagedFolder(mine / "letter.txt", simulation_mark, true), Error);
  EXPECT_THROW(StagedFolder("", simulation_mark, true), Error);
  EXPECT_THROW(StagedFolder("/", simulation_mark, true), Error);
  EXPECT_THROW(StagedFolder(folder_->path / "world", simulation_mark, false), Error) << "an older simulation";
}

TEST_F(WriteSimulation, ReplacesAnOlderSimulationWhereAskedTo) {
  Options options = tiny(3);
  options.audio_tracks = 0;
  const Path into = folder_->path / "replaced/";
  write(simulate(tiny()), into);
  write(simulate(options), into, true);
  const auto files = files_of(into);
  EXPECT_EQ(nlohmann::json::parse(files.at("planted.json")).at("seed"), 3);
  for (const auto& [name, text] : files) EXPECT_FALSE(name.starts_with("library")) << name;
}

}  // namespace
}  // namespace segue::simulation
