#include "listening/spotify_extended.h"

#include "core/time_text.h"
#include "listening/json_rows.h"

namespace segue {
namespace {

bool is_spoken(const JsonValue& row) {
  for (const auto* key : {"episode_name", "episode_show_name", "spotify_episode_uri", "audiobook_title", "audiobook_uri"}) {
    if (row[key].text()) return true;
  }
  return false;
}

/// true, false or null; 1 and 0 in old exports.
std::optional<bool> flag(const JsonValue& value) {
  if (const auto number = value.number()) return *number != 0;
  return value.boolean();
}

std::string_view read_play(const JsonValue& row, RawPlay& play) {
  using Kind = JsonValue::Kind;
  const JsonValue artist = row["master_metadata_album_artist_name"], title = row["master_metadata_track_name"];
  for (const auto& value : {artist, title, row["ts"]}) {
    if (!value.is(Kind::text) && !value.is(Kind::null) && !value.is(Kind::missing)) return "wrong-type";
  }
  play.artist = artist.text().value_or("");
  play.title = title.text().value_or("");
  if (play.title.empty() && is_spoken(row)) return "podcast";
  if (play.artist.empty() || play.title.empty()) return "no-name";
  const auto end = read_time(row["ts"].text().value_or(""));
  if (!end) return "no-time";
  play.played_ms = heard_ms(row["ms_played"]);
  if (!play.played_ms) return "wrong-type";
  play.start_ms = end->ms - *play.played_ms;
  if (play.start_ms < earliest_second * 1000) return "no-time";
  play.start_error_s = end->error_s;
  play.listener = row["username"].text().value_or("");
  play.track_id = row["spotify_track_uri"].text().value_or("");
  play.reason_end = row["reason_end"].text().value_or("");
  play.skipped = flag(row["skipped"]);
  return "";
}

class SpotifyExtended : public Importer {
 public:
  bool recognises(const std::string&, const std::string& head) const override {
    return some_object_has(head, {"ts", "ms_played", "master_metadata_track_name"});
  }
  void read(const Source& source, const std::vector<std::string>& files, PlaySink& sink) override {
    in_batches(sink, [&](PlayBatch& batch) {
      for (const auto& file : by_number(files)) read_json_rows(source, file, read_play, batch);
    });
  }
};

}  // namespace

std::unique_ptr<Importer> make_spotify_extended(const Importer::Options&) { return std::make_unique<SpotifyExtended>(); }

}  // namespace segue
