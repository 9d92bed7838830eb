#include "simulation/write_simulation.h"

#include <mutex>

#include "core/parallel.h"
#include "core/progress.h"
#include "simulation/lastfm_export.h"
#include "simulation/library.h"
#include "simulation/listenbrainz_export.h"
#include "simulation/spotify_export.h"
#include "simulation/tables.h"

namespace segue::simulation {
namespace {

/// The exports of one listener, and the part in the LastFM-1K log.
std::string write_listener(const Simulation& made, int64_t which, StagedFolder& folder) {
  const std::string& name = made.listeners[which].name;
  const std::vector<Play>& plays = made.plays[which];
  folder.write("spotify/" + name + ".zip", zip(spotify_account(made.world, plays)));
  if (which < made.options.extended_listeners) {
    Random podcasts = random_of(made.options.seed, Stream::podcasts, which);
    folder.write("spotify-extended/" + name + ".zip", zip(spotify_extended(made.world, plays, podcasts)));
  }
  const int64_t last = static_cast<int64_t>(made.listeners.size()) - 1;
  if (which == last) folder.write("listenbrainz/" + name + ".zip", zip(listenbrainz(made.world, name, plays)));
  if (which == last / 2) folder.write("lastfm-csv/" + name + ".csv", lastfm_csv(made.world, plays));
  return lastfm_log(made.world, name, plays);
}

void write_logs(const Simulation& made, StagedFolder& folder) {
  Progress progress("logs", static_cast<int64_t>(made.listeners.size()), "listeners");
  std::mutex one_at_a_time;
  std::vector<std::string> parts(made.listeners.size());
  parallel_for(static_cast<int64_t>(parts.size()), [&](int64_t i) {
    parts[i] = write_listener(made, i, folder);
    const std::lock_guard lock(one_at_a_time);
    progress.advance(1);
  });
  std::string log;
  for (const std::string& part : parts) log += part;
  folder.write("lastfm/userid-timestamp-artid-artname-traid-traname.tsv", log);
}

}  // namespace

WrittenFiles write_simulation(const Simulation& made, StagedFolder& folder) {
  write_logs(made, folder);
  WrittenFiles written;
  const LibraryOptions library{.seconds = made.options.audio_seconds, .seed = made.options.seed};
  written.lyrics = write_library(made.world, made.sounds, library, folder);
  folder.write("tracks.tsv", tracks_table(made));
  folder.write("genes.tsv", genes_table(made));
  folder.write(simulation_mark, planted_truth(made));
  folder.commit();
  written.files = folder.files();
  written.bytes = folder.bytes();
  return written;
}

}  // namespace segue::simulation
