#include "simulation/tables.h"

#include <nlohmann/json.hpp>

#include "simulation/calendar.h"
#include "simulation/genes.h"
#include "simulation/genres.h"

namespace segue::simulation {
namespace {

using Json = nlohmann::ordered_json;

double share(int64_t part, int64_t whole) {
  // Ten-thousandths, so that the same digits are printed everywhere.
  return whole > 0 ? static_cast<double>((part * 10000 + whole / 2) / whole) / 10000.0 : 0.0;
}

Json track_truth(const Simulation& made, int32_t index) {
  const Track& track = made.world.tracks[index];
  Json row = {{"keys", Json::array()},
              {"artist", made.world.artists[track.artist].name},
              {"title", track.spellings[0].title},
              {"album", track.album},
              {"position", track.position},
              {"genre", genres()[track.genre].name},
              {"released_s", track.released_s},
              {"version_of", track.version_of}};
  for (const Spelling& spelling : track.spellings) row["keys"].push_back(track_key(made.world, track, spelling));
  Json latent = Json::array();
  for (const float x : track.latent) latent.push_back(static_cast<int>(x * 1000.0f));
  row["latent_thousandths"] = latent;
  if (const auto sound = made.sounds.find(index); sound != made.sounds.end()) row["sound"] = sound->second;
  return row;
}

Json habits_truth(const Habits& habits) {
  return {{"replay", habits.replay},
          {"discovery", habits.discovery},
          {"recent", habits.recent},
          {"album", habits.album},
          {"same_artist", habits.same_artist},
          {"genre", habits.genre},
          {"stray", habits.stray},
          {"forget", habits.forget},
          {"nearness", habits.nearness},
          {"liking", habits.liking},
          {"content_nearness", habits.content_nearness},
          {"other_spelling", habits.other_spelling},
          {"lost_mbid", habits.lost_mbid}};
}

}  // namespace

std::string tracks_table(const Simulation& made) {
  std::string text = "track_key\tartist\ttitle\tduration_ms\tgenre\treleased\n";
  for (size_t i = 0; i < made.world.tracks.size(); ++i) {
    const Track& track = made.world.tracks[i];
    Random random = random_of(made.options.seed, Stream::spellings, static_cast<int64_t>(i));
    const bool known = random.uniform() >= 0.1;
    const std::string released = track.released_s > 0 ? Calendar(track.released_s).iso_date() : "0";
    for (const Spelling& spelling : track.spellings) {
      text += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\n", track_key(made.world, track, spelling),
                          made.world.artists[track.artist].name, spelling.title, track.length_ms,
                          known ? genres()[track.genre].name : "", released);
    }
  }
  return text;
}

std::string genes_table(const Simulation& made) {
  std::string text = "track_key";
  for (const std::string& name : gene_names()) text += "\t" + name;
  text += "\n";
  for (size_t i = 0; i < made.world.tracks.size(); ++i) {
    const Track& track = made.world.tracks[i];
    std::string values;
    for (const auto& value : genes_of(track, random_of(made.options.seed, Stream::genes, static_cast<int64_t>(i)))) {
      values += '\t';
      if (value) values += fmt::format("{}.{:02}", *value / 20, *value % 20 * 5);
    }
    for (const Spelling& spelling : track.spellings) text += track_key(made.world, track, spelling) + values + "\n";
  }
  return text;
}

std::string planted_truth(const Simulation& made) {
  const Counts counts = count(made);
  Json kinds_truth;
  for (int kind = 0; kind < kinds; ++kind) {
    kinds_truth[name_of(static_cast<Kind>(kind))] = share(counts.by_kind[kind], counts.plays);
  }
  Json listeners = Json::array(), tracks = Json::array();
  for (size_t i = 0; i < made.listeners.size(); ++i) {
    listeners.push_back({{"name", made.listeners[i].name}, {"plays", made.plays[i].size()}});
  }
  for (size_t i = 0; i < made.world.tracks.size(); ++i) tracks.push_back(track_truth(made, static_cast<int32_t>(i)));
  const Json truth = {
      {"seed", made.options.seed},
      {"begin_s", made.begin_s},
      {"end_s", made.end_s},
      {"sizes", {{"listeners", made.listeners.size()}, {"tracks", made.world.tracks.size()},
                 {"artists", made.world.artists.size()}, {"albums", made.world.albums.size()},
                 {"plays", counts.plays}, {"sessions", counts.sessions}, {"sounds", made.sounds.size()}}},
      {"share_of_plays", kinds_truth},
      {"repeats", share(counts.repeats, counts.plays)},
      {"early_stops", share(counts.stopped, counts.plays)},
      {"completion", {{"intercept", made.habits.completion_intercept}, {"slope", made.habits.completion_slope}}},
      {"habits", habits_truth(made.habits)},
      {"listeners", listeners},
      {"tracks", tracks}};
  return truth.dump() + "\n";
}

}  // namespace segue::simulation
