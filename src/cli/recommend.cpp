#include "ranking/recommend.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "cli/hand_over.h"
#include "cli/verbs.h"
#include "cli/why_words.h"
#include "core/console.h"
#include "core/progress.h"
#include "core/time_text.h"
#include "listening/importer.h"
#include "sessions/counts.h"
#include "sessions/whole_log.h"

namespace segue {
namespace {

struct Arguments {
  Common common;
  std::string data, history, listener, at, run, cache;
  ImportOptions import;
  RecommendOptions options;
  bool why = false;
  int64_t why_plays = 10, gap_s = 1200;
};

/// The name under which a log that was never imported stands beside the listeners of the folder.
constexpr const char* stranger = "\x01history";

void read_history(const Arguments& given, DataFolder& folder) {
  ImportOptions options = given.import;
  options.listener = stranger;
  const Path corrections = Path(given.data) / "corrections.tsv";
  const auto known = std::filesystem::exists(corrections) ? read_corrections(corrections) : std::vector<Correction>();
  const auto report = read_source(given.history, options, known, folder);
  if (!report.problem.empty()) throw Error("{}", report.problem);
  if (report.added == 0) throw Error("{}: {} rows, none of them a play", given.history, report.rows);
}

int32_t number_of(const Log& log, const std::string& name) {
  const auto found = std::find(log.listeners.begin(), log.listeners.end(), name);
  if (found != log.listeners.end()) return static_cast<int32_t>(found - log.listeners.begin());
  std::vector<std::string> some;
  for (const auto& known : log.listeners) {
    if (some.size() < 10) some.push_back(printable(known));
  }
  throw Error("no listener '{}'; known: {}{}", printable(name), fmt::join(some, ", "), log.listeners.size() > 10 ? ", …" : "");
}

std::vector<int32_t> artists_of(const Tracks& tracks) {
  std::unordered_map<std::string_view, int32_t> numbers;
  std::vector<int32_t> artist;
  for (size_t t = 0; t < tracks.artist.size(); ++t) {
    artist.push_back(numbers.try_emplace(tracks.artist[t], static_cast<int32_t>(numbers.size())).first->second);
  }
  return artist;
}

void print_json(const Arguments& given, const std::vector<Recommended>& list, const Log& log, const Tracks& tracks, int64_t plays) {
  nlohmann::ordered_json out{{"ranker", given.run.empty() ? given.options.ranker : given.run},
                             {"plays_heard", plays},
                             {"tracks", nlohmann::ordered_json::array()}};
  for (size_t i = 0; i < list.size(); ++i) {
    const auto t = static_cast<size_t>(list[i].track);
    nlohmann::ordered_json row{{"rank", i + 1}, {"track", list[i].track}, {"artist", tracks.artist[t]}, {"title", tracks.title[t]},
                               {"id", tracks.id[t]}, {"score", list[i].score}, {"plays", list[i].plays}};
    if (list[i].plays > 0) row["last_played"] = iso(list[i].last_played_ms);
    if (given.options.why > 0) row["why"] = why_json(list[i], log, tracks);
    out["tracks"].push_back(std::move(row));
  }
  fmt::print("{}\n", out.dump(1));
}

void print_table(const Arguments& given, const std::vector<Recommended>& list, const Log& log, const Tracks& tracks) {
  TextTable table({"#", "<artist", "<title", "played", "<last", "score"});
  for (size_t i = 0; i < list.size(); ++i) {
    const auto t = static_cast<size_t>(list[i].track);
    const bool heard = list[i].plays > 0;
    table.row({std::to_string(i + 1), std::string(tracks.artist[t]), std::string(tracks.title[t]),
               heard ? fmt::format("{}×", list[i].plays) : "new",
               heard ? iso(list[i].last_played_ms).substr(0, 10) : "", fmt::format("{:.3g}", list[i].score)});
  }
  fmt::print("{}", table.text());
  if (given.options.why == 0) return;
  if (list.front().why.empty()) {
    fmt::print("\nWhy: there was no play and no part to take away, so nothing can be said\n");
    return;
  }
  fmt::print("\nWhy (in brackets: its place among all tracks, with that and without it)\n");
  for (size_t i = 0; i < list.size(); ++i) fmt::print("{:>3}  {}\n", i + 1, why_text(list[i], log, tracks));
}

void run(const Arguments& given) {
  if (given.history.empty() == given.listener.empty()) throw Error("for whom? Give --listener NAME or --history FILE, one of the two");
  const Reading reading(given.data);
  DataFolder folder = load_data_folder(given.data);
  if (folder.plays.count() == 0) throw Error("{}: no imported plays here; first: segue import LOG --into {}", given.data, given.data);
  if (!given.history.empty()) read_history(given, folder);
  RecommendOptions options = given.options;
  options.seed = given.common.seed;
  if (!given.run.empty()) options.trained = trained_for(given.run, given.data, folder, given.common.device, given.cache);
  if (!given.at.empty()) {
    const auto time = read_time(given.at);
    if (!time) throw Error("--at {}: a time like 2024-05-01T20:00:00Z is wanted", given.at);
    options.at_ms = time->ms;
  }
  const Log log = whole_log(folder, given.gap_s);
  const int32_t who = number_of(log, given.history.empty() ? given.listener : stranger);
  const auto list = recommend(log, who, artists_of(folder.tracks), options);
  if (list.empty()) {
    throw Error("{}: nothing here that the listener never played; import other people's logs too, or leave out --new",
                given.data);
  }
  const int64_t plays = log.first[static_cast<size_t>(who) + 1] - log.first[static_cast<size_t>(who)];
  if (given.common.json) print_json(given, list, log, folder.tracks, plays);
  else print_table(given, list, log, folder.tracks);
}

}  // namespace

void add_recommend(CLI::App& app) {
  auto given = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("recommend", "What comes next for a listener of a data folder, or for a log it never saw");
  verb->add_option("data", given->data, "A data folder: what the ranker learns from")->required();
  verb->add_option("--ranker", given->options.ranker, "Which ranker")->capture_default_str()->check(CLI::IsMember(rankers().names()));
  if (with_tensors) {
    auto* const trained = verb->add_option("--run", given->run, "A trained model, mixed with the counters, instead of a ranker");
    verb->add_option("--cache", given->cache, "A folder for what a language model keeps of a listener, so that one more play costs one token")->needs(trained);
  }
  verb->add_option("--listener", given->listener, "A listener of the data folder");
  verb->add_option("--history", given->history, "A listening log of anyone, in any format that import reads");
  verb->add_option("--format", given->import.format, "Of the history, instead of looking")->check(CLI::IsMember(importers().names()));
  verb->add_option("--time-zone", given->import.time_zone, "Of the history's times that name none")->capture_default_str();
  verb->add_option("-k", given->options.k, "How many tracks")->capture_default_str()->check(CLI::Range(1, 100000));
  verb->add_flag("--new", given->options.only_new, "Only tracks the listener never played");
  verb->add_option("--per-artist", given->options.per_artist, "At most so many tracks of one artist")->check(CLI::PositiveNumber);
  auto* why = verb->add_flag("--why", given->why, "Why each track: what becomes of its place without each counter, signal and recent play in turn");
  verb->add_option("--why-plays", given->why_plays, "So many of the latest plays are tried")->capture_default_str()->check(CLI::Range(1, 1000))->needs(why);
  if (with_tensors) why->excludes("--cache");
  verb->add_option("--at", given->at, "When (default: right after the last play)");
  verb->add_option("--gap", given->gap_s, "Seconds of silence that end a session")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000'000'000));
  add_weights_budget(*verb);
  add_common(*verb, given->common);
  verb->callback([given] {
    if (given->why) given->options.why = given->why_plays;
    run(*given);
  });
}

}  // namespace segue
