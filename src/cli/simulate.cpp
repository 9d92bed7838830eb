#include <memory>
#include <nlohmann/json.hpp>

#include "cli/verbs.h"
#include "core/console.h"
#include "simulation/write_simulation.h"

namespace segue {
namespace {

using simulation::Simulation;

struct Request {
  Common common;
  simulation::Options options;
  std::string into;
  bool overwrite = false;  // an older simulation in the same place
};

void print_json(const Simulation& made, const simulation::WrittenFiles& written, const std::string& into) {
  const simulation::Counts counts = count(made);
  const nlohmann::ordered_json document = {
      {"into", valid_utf8(into)},
      {"seed", made.options.seed},
      {"listeners", made.listeners.size()},
      {"artists", made.world.artists.size()},
      {"albums", made.world.albums.size()},
      {"tracks", made.world.tracks.size()},
      {"plays", counts.plays},
      {"sessions", counts.sessions},
      {"repeats", counts.repeats},
      {"early_stops", counts.stopped},
      {"sounds", made.sounds.size()},
      {"lyrics", written.lyrics},
      {"extended_listeners", made.options.extended_listeners},
      {"files", written.files},
      {"bytes", written.bytes}};
  fmt::print("{}\n", document.dump(2));
}

void print_text(const Simulation& made, const simulation::WrittenFiles& written, const std::string& into) {
  const simulation::Counts counts = count(made);
  const std::string at = printable(into);
  const auto percent = [&](int64_t part) { return 100.0 * static_cast<double>(part) / static_cast<double>(counts.plays); };
  fmt::print("A made-up world (seed {}) is in {}: {} files, {:.1f} MB\n", made.options.seed, at, written.files,
             static_cast<double>(written.bytes) / 1e6);
  fmt::print("  {} listeners, {} plays in {} sessions; {:.1f} % repeats, {:.1f} % stopped early\n", made.listeners.size(),
             counts.plays, counts.sessions, percent(counts.repeats), percent(counts.stopped));
  fmt::print("  {} tracks on {} albums by {} artists\n\n", made.world.tracks.size(), made.world.albums.size(),
             made.world.artists.size());
  fmt::print("  lastfm/            all plays in the format of LastFM-1K\n"
             "  spotify/           the same plays, one account export a listener\n"
             "  spotify-extended/  the extended history of {} of them\n"
             "  listenbrainz/      the listens of one, from ListenBrainz\n"
             "  lastfm-csv/        the scrobbles of one, from Last.fm\n"
             "  library/           {} sounds, {} with a lyrics file\n"
             "  tracks.tsv         lengths and genres\n"
             "  genes.tsv          58 attributes a track\n"
             "  planted.json       what is planted; for checks only\n\n",
             made.options.extended_listeners, made.sounds.size(), written.lyrics);
  fmt::print("Next: segue import {}/spotify/*.zip --into DATA\n", at);
}

void add_options(CLI::App& verb, Request& request) {
  simulation::Options& options = request.options;
  verb.add_option("--into", request.into, "A new folder")->required();
  verb.add_option("--listeners", options.listeners, "How many listen")->capture_default_str();
  verb.add_option("--tracks", options.tracks, "How many tracks there are")->capture_default_str();
  verb.add_option("--plays", options.plays, "Plays of all listeners together")->capture_default_str();
  verb.add_option("--start", options.start, "First day of the log")->capture_default_str();
  verb.add_option("--days", options.days, "How long the log is")->capture_default_str();
  verb.add_option("--audio-tracks", options.audio_tracks, "At least so many tracks have sound; 0: none")
      ->capture_default_str();
  verb.add_option("--audio-seconds", options.audio_seconds, "Length of a sound")->capture_default_str();
  verb.add_option("--extended-listeners", options.extended_listeners, "Who also have a Spotify extended history")
      ->capture_default_str();
  verb.add_flag("--overwrite", request.overwrite, "Replace an older simulation");
}

}  // namespace

void add_simulate(CLI::App& app) {
  CLI::App& verb = *app.add_subcommand("simulate", "Makes up a small world in real formats: logs, sounds, lyrics, genes");
  auto request = std::make_shared<Request>();
  add_common(verb, request->common);
  add_options(verb, *request);
  verb.callback([request] {
    request->options.seed = request->common.seed;
    StagedFolder folder(request->into, simulation::simulation_mark, request->overwrite);
    const Simulation made = simulation::simulate(request->options);
    const simulation::WrittenFiles written = write_simulation(made, folder);
    (request->common.json ? print_json : print_text)(made, written, request->into);
  });
}

}  // namespace segue
