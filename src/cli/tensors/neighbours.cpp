#include "signals/neighbours.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/verbs.h"
#include "core/console.h"
#include "core/error.h"
#include "encoders/encoder_rows.h"
#include "signals/track_index.h"

namespace segue {
namespace {

struct Arguments {
  Common common;
  std::string data, signal, track, words, model;
  size_t k = 10;
};

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
    const int32_t track = find_track(given.track, tracks, near.tracks(), "vector of this signal");
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
