#include "signals/signal.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "cli/verbs.h"
#include "core/console.h"
#include "core/error.h"
#include "evaluation/signal_map.h"
#include "signals/track_index.h"

namespace segue {
namespace {

struct Arguments {
  Common common;
  std::string data, map, page;
};

/// How much of a data folder a signal covers.
struct Coverage {
  SignalAbout about;
  int64_t known = 0, instrumental = 0, unreadable = 0;
  double of_tracks = 0, of_plays = 0;  // shares that have a vector, or are known to have no words
  uintmax_t bytes = 0;
};

Coverage coverage_of(const Path& data, const std::string& name, int32_t tracks, const std::vector<int64_t>& plays) {
  const Signal signal = load_signal(data, name);
  Coverage out{signal.about, signal.count(Known::vector), signal.count(Known::instrumental), signal.count(Known::unreadable), 0, 0, 0};
  const auto all = std::accumulate(plays.begin(), plays.end(), int64_t{0});
  int64_t covered = 0;
  for (size_t i = 0; i < signal.size(); ++i) {
    if (signal.known[i] != Known::unreadable && !plays.empty()) covered += plays.at(static_cast<size_t>(signal.track[i]));
  }
  out.of_tracks = tracks > 0 ? static_cast<double>(out.known + out.instrumental) / tracks : 0;
  out.of_plays = all > 0 ? static_cast<double>(covered) / static_cast<double>(all) : 0;
  for (const auto& file : std::filesystem::directory_iterator(signal_folder(data, name))) out.bytes += file.file_size();
  return out;
}

void print_json(const std::vector<Coverage>& all, int32_t tracks, int64_t plays) {
  nlohmann::ordered_json out{{"tracks", tracks}, {"plays", plays}, {"signals", nlohmann::ordered_json::array()}};
  for (const auto& c : all) {
    out["signals"].push_back({{"signal", c.about.name}, {"made_from", c.about.made_from}, {"space", c.about.space}, {"space_id", c.about.space_id()},
                              {"width", c.about.width}, {"known", c.known}, {"instrumental", c.instrumental}, {"unreadable", c.unreadable},
                              {"share_of_tracks", c.of_tracks}, {"share_of_plays", c.of_plays}, {"bytes", c.bytes}});
  }
  fmt::print("{}\n", out.dump(1));
}

void print_table(const std::vector<Coverage>& all) {
  TextTable table({"<signal", "<from", "numbers", "tracks", "% of tracks", "% of plays", "instrumental", "unreadable", "MB", "<space"});
  for (const auto& c : all) {
    table.row({c.about.name, c.about.made_from, std::to_string(c.about.width), std::to_string(c.known), fmt::format("{:.1f}", 100 * c.of_tracks),
               fmt::format("{:.1f}", 100 * c.of_plays), std::to_string(c.instrumental), std::to_string(c.unreadable),
               fmt::format("{:.1f}", 1e-6 * static_cast<double>(c.bytes)), c.about.space});
  }
  fmt::print("{}", table.text());
}

void run(const Arguments& given) {
  const Tracks tracks = tracks_of(given.data);
  if (tracks.size() == 0) throw Error("{}: no tracks here; first: segue import LOG --into {}, or segue encode {} --music FOLDER", given.data, given.data, given.data);
  const auto plays = plays_of_tracks(given.data, tracks.size());
  if (!given.map.empty()) {
    const Signal signal = load_signal(given.data, given.map);
    if (signal.count(Known::vector) == 0) throw Error("{}: no track has a vector of '{}' yet", given.data, given.map);
    const Path page = given.page.empty() ? signal_folder(given.data, given.map) / "map.html" : Path(given.page);
    write_file(page, signal_map_page(signal, tracks, plays, given.common.seed));
    if (given.common.json) fmt::print("{}\n", nlohmann::json{{"page", page.string()}}.dump(1));
    else fmt::print("page: {}\n", page.string());
    return;
  }
  std::vector<Coverage> all;
  for (const auto& name : signal_names(given.data)) all.push_back(coverage_of(given.data, name, tracks.size(), plays));
  if (given.common.json) return print_json(all, tracks.size(), std::accumulate(plays.begin(), plays.end(), int64_t{0}));
  if (all.empty()) fmt::print("no signals yet: segue encode makes some\n");
  else print_table(all);
}

}  // namespace

void add_signals(CLI::App& app) {
  auto given = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("signals", signals_help);
  verb->add_option("data", given->data, "A data folder")->required()->check(CLI::ExistingDirectory);
  auto* map = verb->add_option("--map", given->map, "Draws this signal's tracks on a plane instead, as a page to point at");
  verb->add_option("--page", given->page, "Where to (default: map.html in the signal's folder)")->needs(map);
  add_common(*verb, given->common);
  verb->callback([given] { run(*given); });
}

}  // namespace segue
