#include "simulation/listenbrainz_export.h"

#include <nlohmann/json.hpp>

#include "simulation/calendar.h"
#include "simulation/written.h"

namespace segue::simulation {
namespace {

using Json = nlohmann::ordered_json;

Json listen_row(const World& world, const Play& play) {
  const Written row = written(world, play);
  Json info = {{"media_player", "Made-up Player"},
               {"submission_client", "segue simulate"},
               {"duration_ms", row.track.length_ms}};
  if (!row.mbid.empty()) info["recording_mbid"] = row.mbid;
  Json mapping = nullptr;
  if (!row.mbid.empty()) {
    mapping = {{"recording_mbid", row.mbid}};
    const Json artist = {{"artist_mbid", row.artist.mbid}, {"artist_credit_name", row.artist.name}};
    if (!row.artist.mbid.empty()) mapping["artists"] = Json::array({artist});
  }
  return {{"listened_at", play.start_s},
          {"track_metadata", {{"artist_name", row.artist.name},
                              {"track_name", row.title},
                              {"release_name", row.album.title},
                              {"additional_info", info},
                              {"mbid_mapping", mapping}}}};
}

}  // namespace

std::vector<ZipEntry> listenbrainz(const World& world, const std::string& listener, std::span<const Play> plays) {
  std::vector<ZipEntry> files = {{"user.json", Json({{"user_id", 1}, {"username", listener}}).dump()}};
  for (const Play& play : plays) {
    const Calendar time(play.start_s);
    const std::string name = fmt::format("listens/{}/{}.jsonl", time.year(), time.month());
    if (files.back().name != name) files.push_back({name, ""});
    files.back().bytes += listen_row(world, play).dump() + "\n";
  }
  return files;
}

}  // namespace segue::simulation
