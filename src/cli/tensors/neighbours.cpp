#include "signals/neighbours.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/verbs.h"
#include "core/console.h"
#include "core/error.h"
#include "encoders/encoder_rows.h"
#include "listening/names.h"
#include "signals/track_index.h"

namespace segue {
namespace {

struct Arguments {
  Common common;
  std::string data, signal, track, words, model;
  size_t k = 10;
};

std::string name_of(const Tracks& tracks, int32_t track) {
  const auto t = static_cast<size_t>(track);
  return fmt::format("{} - {}", tracks.artist[t], tracks.title[t]);
}

/// The track that words mean: its number, "ARTIST - TITLE", or a part of that which only one track of the signal has.
int32_t track_of(const std::string& words, Tracks& tracks, const Neighbourhoods& near) {
  const auto& known = near.tracks();
  const auto has = [&](int32_t track) { return std::binary_search(known.begin(), known.end(), track); };
  if (!words.empty() && words.find_first_not_of("0123456789") == std::string::npos && words.size() < 10) {
    if (const int32_t track = std::stoi(words); has(track)) return track;
  }
  const TrackIndex index(tracks, {});
  if (const size_t dash = words.find(" - "); dash != std::string::npos) {
    for (const int32_t track : index.by_names(words.substr(0, dash), words.substr(dash + 3))) {
      if (has(track)) return track;
    }
  }
  const std::string wanted = fold(words);
  std::vector<int32_t> found;
  for (const int32_t track : known) {
    if (fold(name_of(tracks, track)).find(wanted) != std::string::npos) found.push_back(track);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) throw Error("no track with a vector of this signal is called '{}'; give a part of \"ARTIST - TITLE\"", printable(words));
  std::vector<std::string> some;
  for (const int32_t track : found) {
    if (some.size() < 5) some.push_back("'" + printable(name_of(tracks, track)) + "'");
  }
  throw Error("'{}' may be {}{}: give more of its name", printable(words), fmt::join(some, ", "), found.size() > 5 ? fmt::format(" or {} others", found.size() - 5) : "");
}

/// "clap 0123456789abcdef …" and "clap-text 0123456789abcdef …" are one space: the second word is the model.
std::string model_of(const std::string& space) {
  const size_t from = space.find(' ') + 1;
  return space.substr(from, space.find(' ', from) - from);
}

/// A vector of the signal's space from words, by the model that made it.
std::vector<float> vector_of(const Arguments& given, const SignalAbout& about) {
  const auto encoder = text_encoders().at(model_type(given.model))({given.model, -1, about.space.find("storage=int8") == std::string::npos ? "" : "int8"});
  const bool same_encoder = about.space.starts_with(encoder->space());
  const bool both_towers = about.space.starts_with("clap ") && encoder->space().starts_with("clap-text ") && model_of(about.space) == model_of(encoder->space());
  if (!same_encoder && !both_towers) {
    throw Error("{}: makes vectors of '{}', and signal '{}' holds those of '{}'; words are looked for by the model that made the signal", given.model,
                encoder->space(), about.name, about.space);
  }
  const std::vector<std::string> texts{given.words};
  return floats_of(encoder->encode(texts));
}

void run(const Arguments& given) {
  if (given.track.empty() == given.words.empty()) throw Error("near what? Give --track NAME or --words TEXT, one of the two");
  const Signal signal = load_signal(given.data, given.signal);
  Tracks tracks = tracks_of(given.data);
  const Neighbourhoods near(signal);
  std::vector<Neighbourhoods::Near> list;
  std::string of = given.words;
  if (given.track.empty()) {
    if (given.model.empty()) throw Error("--words needs --model, the folder of the model that made the signal");
    list = near.nearest(vector_of(given, signal.about), given.k);
  } else {
    const int32_t track = track_of(given.track, tracks, near);
    of = name_of(tracks, track);
    list = near.nearest(track, given.k);
  }
  if (given.common.json) {
    nlohmann::ordered_json out{{"signal", given.signal}, {"of", of}, {"neighbours", nlohmann::ordered_json::array()}};
    for (const auto& [track, likeness] : list) {
      const auto t = static_cast<size_t>(track);
      out["neighbours"].push_back({{"track", track}, {"artist", tracks.artist[t]}, {"title", tracks.title[t]}, {"likeness", likeness}});
    }
    fmt::print("{}\n", out.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
    return;
  }
  fmt::print("{}: nearest by {}\n", printable(of), given.signal);
  TextTable table({"#", "<artist", "<title", "likeness"});
  for (size_t i = 0; i < list.size(); ++i) {
    const auto t = static_cast<size_t>(list[i].track);
    table.row({std::to_string(i + 1), std::string(tracks.artist[t]), std::string(tracks.title[t]), fmt::format("{:.3f}", list[i].likeness)});
  }
  fmt::print("{}", table.text());
}

}  // namespace

void add_neighbours(CLI::App& app) {
  auto given = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("neighbours", neighbours_help);
  verb->add_option("data", given->data, "A data folder")->required()->check(CLI::ExistingDirectory);
  verb->add_option("--signal", given->signal, "Which signal")->required();
  verb->add_option("--track", given->track, "A track: \"ARTIST - TITLE\", or a part of it that only one track has");
  verb->add_option("--words", given->words, "Words instead, for a signal of a model that reads them too (clap), or a signal of words");
  verb->add_option("--model", given->model, "The folder of that model")->check(CLI::ExistingDirectory);
  verb->add_option("-k", given->k, "How many")->capture_default_str()->check(CLI::Range(1, 10000));
  add_common(*verb, given->common);
  verb->callback([given] { run(*given); });
}

}  // namespace segue
