#include "listening/listenbrainz.h"

#include <cmath>

#include "core/time_text.h"
#include "listening/json_rows.h"

namespace segue {
namespace {

/// The first of the values that is a text with something in it.
std::string_view first_text(std::initializer_list<JsonValue> values) {
  for (const auto& value : values) {
    if (const auto text = value.text(); text && !text->empty()) return *text;
  }
  return {};
}

/// Clients send milliseconds or seconds, whole or not, as numbers or texts. A length that makes no sense is not known.
std::optional<int64_t> length_ms(const JsonValue& info) {
  constexpr double day = 86'400'000;
  const auto whole = [&](std::optional<double> ms) -> std::optional<int64_t> {
    return ms && *ms >= 1 && *ms <= day ? std::optional<int64_t>(std::llround(*ms)) : std::nullopt;
  };
  if (const auto ms = whole(number_of(info["duration_ms"]))) return ms;
  const auto seconds = number_of(info["duration"]);
  return seconds ? whole(*seconds * 1000) : std::nullopt;
}

std::string_view read_play(const JsonValue& row, RawPlay& play) {
  using Kind = JsonValue::Kind;
  const JsonValue track = row["track_metadata"], info = track["additional_info"], match = track["mbid_mapping"];
  if (track.is(Kind::missing) || track.is(Kind::null)) return "no-name";
  const JsonValue artist = track["artist_name"], title = track["track_name"];
  for (const auto& value : {artist, title}) {
    if (!value.is(Kind::text) && !value.is(Kind::null) && !value.is(Kind::missing)) return "wrong-type";
  }
  if (!track.is(Kind::object)) return "wrong-type";
  play.artist = artist.text().value_or("");
  play.title = title.text().value_or("");
  if (play.artist.empty() || play.title.empty()) return "no-name";
  const auto seconds = number_of(row["listened_at"]);
  const auto start = seconds ? epoch_ms(*seconds) : std::nullopt;
  if (!start) return "no-time";
  play.start_ms = *start;
  play.listener = row["user_name"].text().value_or("");
  play.track_id = first_text({match["recording_mbid"], info["recording_mbid"]});
  play.artist_id = first_text({match["artist_mbids"].front(), match["artists"].front()["artist_mbid"],
                               info["artist_mbids"].front()});
  play.length_ms = length_ms(info);
  return "";
}

class Listenbrainz : public Importer {
 public:
  bool recognises(const std::string&, const std::string& head) const override {
    return some_object_has(head, {"listened_at", "track_metadata"});
  }
  void read(const Source& source, const std::vector<std::string>& files, PlaySink& sink) override {
    in_batches(sink, [&](PlayBatch& batch) {
      for (const auto& file : by_number(files)) read_json_rows(source, file, read_play, batch);
    });
  }
  // The server sorts an export by listened_at (listenbrainz/background/export.py), oldest first.
  LogOrder order() const override { return LogOrder::oldest_first; }
  std::string listener(const Source& source) const override { return text_in_file(source, "user.json", "username"); }
};

}  // namespace

std::unique_ptr<Importer> make_listenbrainz(const Importer::Options&) { return std::make_unique<Listenbrainz>(); }

}  // namespace segue
