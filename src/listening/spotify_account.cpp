#include "listening/spotify_account.h"

#include "core/time_text.h"
#include "listening/json_rows.h"

namespace segue {
namespace {

std::string_view read_play(const JsonValue& row, RawPlay& play) {
  using Kind = JsonValue::Kind;
  if (!row["podcastName"].is(Kind::missing)) return "podcast";
  const JsonValue artist = row["artistName"], title = row["trackName"], end = row["endTime"];
  for (const auto& value : {artist, title, end}) {
    if (!value.is(Kind::text) && !value.is(Kind::null) && !value.is(Kind::missing)) return "wrong-type";
  }
  play.artist = artist.text().value_or("");
  play.title = title.text().value_or("");
  if (play.artist.empty() || play.title.empty()) return "no-name";
  const auto end_s = civil_minute(end.text().value_or(""));
  if (!end_s) return "no-time";
  play.played_ms = heard_ms(row["msPlayed"]);
  if (!play.played_ms) return "wrong-type";
  play.start_ms = *end_s * 1000 - *play.played_ms;
  play.start_error_s = 60;
  return play.start_ms < earliest_second * 1000 ? "no-time" : "";
}

class SpotifyAccount : public Importer {
 public:
  bool recognises(const std::string&, const std::string& head) const override {
    return some_object_has(head, {"endTime", "artistName", "trackName", "msPlayed"});
  }
  void read(const Source& source, const std::vector<std::string>& files, PlaySink& sink) override {
    in_batches(sink, [&](PlayBatch& batch) {
      for (const auto& file : by_number(files)) read_json_rows(source, file, read_play, batch);
    });
  }
  std::string listener(const Source& source) const override { return text_in_file(source, "Userdata.json", "username"); }
};

}  // namespace

std::unique_ptr<Importer> make_spotify_account(const Importer::Options&) { return std::make_unique<SpotifyAccount>(); }

}  // namespace segue
