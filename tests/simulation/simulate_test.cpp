#include "simulation/simulate.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include "core/error.h"
#include "core/parallel.h"
#include "simulation/lastfm_export.h"
#include "simulation/tables.h"
#include "tiny_world.h"

namespace segue::simulation {
namespace {

std::string log_of(const Simulation& made) {
  std::string log;
  for (size_t i = 0; i < made.plays.size(); ++i) log += lastfm_log(made.world, made.listeners[i].name, made.plays[i]);
  return log;
}

uint64_t hash_of(const std::string& text) { return XXH3_64bits(text.data(), text.size()); }

TEST(Simulate, GivesTheSamePlaysForTheSameSeedWithAnyNumberOfThreads) {
  const int before = threads();
  set_threads(1);
  const std::string alone = log_of(simulate(tiny()));
  set_threads(3);
  const std::string together = log_of(simulate(tiny()));
  set_threads(before);
  EXPECT_EQ(alone, together);
  EXPECT_NE(alone, log_of(simulate(tiny(2))));
}

TEST(Simulate, MakesTheNumberOfPlaysThatWasAskedForInsideTheDays) {
  const Simulation made = simulate(tiny());
  EXPECT_EQ(count(made).plays, 900);
  EXPECT_EQ(made.world.tracks.size(), 200u);
  for (const auto& plays : made.plays) {
    EXPECT_GE(plays.front().start_s, made.begin_s);
    EXPECT_LT(plays.back().start_s, made.end_s + 86400);
  }
}

TEST(Simulate, NoListenerAndNoTrackOutweighsTheOthers) {
  const Simulation& made = whole_world();
  std::vector<int64_t> of_track(made.world.tracks.size());
  for (const auto& plays : made.plays) {
    EXPECT_LT(plays.size(), made.options.plays / 5u);
    for (const Play& play : plays) ++of_track[play.track];
  }
  EXPECT_LT(*std::max_element(of_track.begin(), of_track.end()), made.options.plays / 50);
}

TEST(Simulate, RefusesSizesThatDoNotFitTogether) {
  const auto refused = [](auto change) {
    Options options = tiny();
    change(options);
    EXPECT_THROW(simulate(options), Error);
  };
  refused([](Options& o) { o.listeners = 0; });
  refused([](Options& o) { o.tracks = 5; });
  refused([](Options& o) { o.plays = 10; });
  refused([](Options& o) { o.plays = 1'000'000; });  // nobody has the time
  refused([](Options& o) { o.days = -1; });
  refused([](Options& o) { o.audio_tracks = 201; });
  refused([](Options& o) { o.audio_seconds = 0.0; });
  refused([](Options& o) { o.extended_listeners = 4; });
  refused([](Options& o) { o.start = "2024-02-30"; });
  refused([](Options& o) { o.start = "yesterday!"; });
}

// Other machines, compilers and libraries must come to the same world; so this number may only change together with
// the simulation itself.
TEST(Simulate, MakesTheSameWorldOnEveryMachine) {
  const Simulation made = simulate(tiny());
  EXPECT_EQ(hash_of(log_of(made)), 14521953943397250646u);
  EXPECT_EQ(hash_of(genes_table(made)), 1576629254474710722u);
}

}  // namespace
}  // namespace segue::simulation
