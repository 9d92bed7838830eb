// The made-up world's logs, in every format it writes, through the import.
#include <gtest/gtest.h>

#include "listening/data_folder.h"
#include "simulation/tiny_world.h"
#include "simulation/write_simulation.h"
#include "support/scratch.h"

namespace segue {
namespace {

/// A world's folder, written once.
struct World {
  World() {
    simulation::Options options = simulation::tiny(5);
    options.audio_tracks = 0;
    options.plays = 3000;
    StagedFolder staged(scratch / "world", simulation::simulation_mark, false);
    made = simulation::simulate(options);
    write_simulation(made, staged);
  }
  Scratch scratch;
  simulation::Simulation made;
};

const World& world() {
  static const World one;
  return one;
}

int64_t refused(const SourceReport& source) {
  int64_t rows = 0;
  for (const auto& [why, fate] : source.refused) rows += fate.count;
  return rows;
}

class SimulatedLogs : public testing::TestWithParam<const char*> {
 protected:
  /// The logs of that format: each file of the folder is one source.
  std::vector<Path> logs() const {
    std::vector<Path> found;
    for (const auto& entry : std::filesystem::directory_iterator(world().scratch / "world" / GetParam())) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
  }
};

TEST_P(SimulatedLogs, AreReadRowForRowAndKnownTheSecondTime) {
  const Scratch scratch;
  const auto first = import_logs(logs(), scratch / "data", {});
  EXPECT_TRUE(first.complete()) << text_of(first);
  EXPECT_GT(first.plays, 0);
  for (const auto& source : first.sources) EXPECT_EQ(source.rows, source.added + source.already_known + refused(source));
  const auto again = import_logs(logs(), scratch / "data", {});
  EXPECT_EQ(again.plays, first.plays);
  EXPECT_EQ(again.tracks, first.tracks);
  for (const auto& source : again.sources) {
    EXPECT_EQ(source.added, 0) << source.path;
    EXPECT_EQ(source.rows, source.already_known + refused(source)) << source.path;
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, SimulatedLogs, testing::Values("lastfm", "spotify", "spotify-extended", "listenbrainz", "lastfm-csv"),
                         [](const auto& row) {
                           std::string name = row.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

TEST(SimulatedExports, OfOneListenerInTwoFormatsAreOneSetOfPlays) {
  const Scratch scratch;
  const Path account = world().scratch / "world" / "spotify", extended = world().scratch / "world" / "spotify-extended";
  for (const auto& entry : std::filesystem::directory_iterator(extended)) {
    const Path other = account / entry.path().filename();
    ASSERT_TRUE(std::filesystem::exists(other)) << other;
    const auto report = import_logs({other, entry.path()}, scratch / "data", {});
    EXPECT_TRUE(report.complete()) << text_of(report);
    const auto& second = report.sources.at(1);
    EXPECT_GE(second.already_known * 100, 95 * (second.rows - refused(second))) << text_of(report);
  }
}

}  // namespace
}  // namespace segue
