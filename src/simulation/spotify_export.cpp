#include "simulation/spotify_export.h"

#include <nlohmann/json.hpp>

#include "simulation/calendar.h"
#include "simulation/names.h"
#include "simulation/written.h"

namespace segue::simulation {
namespace {

using Json = nlohmann::ordered_json;

Json account_row(const World& world, const Play& play) {
  const Written row = written(world, play);
  const Calendar end(row.end_s);
  return {{"endTime", fmt::format("{} {}", end.iso_date(), end.clock())},
          {"artistName", row.artist.name},
          {"trackName", row.title},
          {"msPlayed", play.played_ms}};
}

/// A row without track or episode; `end_s` and `played_ms` of what was heard.
Json extended_row(int64_t end_s, int64_t played_ms) {
  Json row = {{"ts", Calendar(end_s).iso()}, {"ms_played", played_ms}};
  for (const char* key : {"master_metadata_track_name", "master_metadata_album_artist_name",
                          "master_metadata_album_album_name", "spotify_track_uri", "episode_name", "episode_show_name",
                          "spotify_episode_uri"}) {
    row[key] = nullptr;
  }
  row["reason_start"] = "clickrow";
  row["reason_end"] = "endplay";
  row["shuffle"] = false;
  row["skipped"] = false;
  row["offline"] = false;
  row["incognito_mode"] = false;
  return row;
}

Json music_row(const World& world, const Play& play, const Play* before) {
  const Written heard = written(world, play);
  Json row = extended_row(heard.end_s, play.played_ms);
  row["master_metadata_track_name"] = heard.title;
  row["master_metadata_album_artist_name"] = heard.artist.name;
  row["master_metadata_album_album_name"] = heard.album.title;
  row["spotify_track_uri"] = heard.track.uri;
  if (!play.opens_session && before != nullptr) row["reason_start"] = before->complete ? "trackdone" : "fwdbtn";
  row["reason_end"] = play.complete ? "trackdone" : "fwdbtn";
  row["skipped"] = !play.complete;
  return row;
}

Json podcast_row(int64_t end_s, int64_t played_ms, Random& random) {
  Json row = extended_row(end_s, played_ms);
  row["episode_name"] = fmt::format("Episode {}: {}", 1 + random.below(200), title(random, Script::latin));
  row["episode_show_name"] = "The Made-up Hour";
  row["spotify_episode_uri"] = "spotify:episode:" + track_uri(random).substr(14);
  return row;
}

}  // namespace

std::vector<ZipEntry> spotify_account(const World& world, std::span<const Play> plays, size_t rows_per_file) {
  std::vector<ZipEntry> files;
  for (size_t first = 0; first < plays.size(); first += rows_per_file) {
    Json rows = Json::array();
    for (const Play& play : plays.subspan(first, std::min(rows_per_file, plays.size() - first))) {
      rows.push_back(account_row(world, play));
    }
    files.push_back({fmt::format("Spotify Account Data/StreamingHistory_music_{}.json", files.size()), rows.dump(2)});
  }
  return files;
}

std::vector<ZipEntry> spotify_extended(const World& world, std::span<const Play> plays, Random podcasts) {
  std::vector<std::pair<int, Json>> years;
  const auto add = [&](int64_t end_s, Json row) {
    const int year = Calendar(end_s).year();
    if (years.empty() || years.back().first != year) years.emplace_back(year, Json::array());
    years.back().second.push_back(std::move(row));
  };
  for (size_t i = 0; i < plays.size(); ++i) {
    const int64_t end_s = plays[i].start_s + plays[i].played_ms / 1000;
    add(end_s, music_row(world, plays[i], i > 0 ? &plays[i - 1] : nullptr));
    const bool session_ends = i + 1 < plays.size() && plays[i + 1].opens_session;
    if (!session_ends || podcasts.uniform() > 0.05) continue;
    const int64_t heard_s = 120 + static_cast<int64_t>(podcasts.below(900));  // fits into the silence after a session
    add(end_s + 60 + heard_s, podcast_row(end_s + 60 + heard_s, heard_s * 1000, podcasts));
  }
  std::vector<ZipEntry> files;
  for (const auto& [year, rows] : years) {
    const std::string name = fmt::format("Streaming_History_Audio_{}_{}.json", year, files.size());
    files.push_back({"Spotify Extended Streaming History/" + name, rows.dump()});
  }
  return files;
}

}  // namespace segue::simulation
