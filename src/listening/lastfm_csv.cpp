#include "listening/lastfm_csv.h"

#include <algorithm>
#include <optional>

#include "core/csv_reader.h"
#include "core/text_stream.h"
#include "core/time_text.h"
#include "core/time_zone.h"
#include "listening/play_batch.h"

namespace segue {
namespace {

using Fields = std::vector<std::string_view>;
constexpr size_t nowhere = static_cast<size_t>(-1);

/// Where a table has what.
struct Layout {
  char divider = ',';
  bool header = true;
  size_t columns = 0;
  size_t time = nowhere, clock = nowhere;  // clock: the time of day, where it has a column of its own
  size_t artist = nowhere, title = nowhere, artist_id = nowhere, track_id = nowhere, listener = nowhere;
  std::optional<int64_t> zone_s;  // of times that name none, where the header says it
  std::string owner;              // the listener, where the header says it

  bool whole() const { return time != nowhere && artist != nowhere && title != nowhere; }
};

/// A column's name in small letters without blanks and the like: "Artist Name", "artist_name" and "artistName" are one.
std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') plain += static_cast<char>(c + 32);
    else if (c != ' ' && c != '_' && c != '-') plain += c;
  }
  return plain;
}

size_t find_column(const std::vector<std::string>& columns, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found != columns.end()) return static_cast<size_t>(found - columns.begin());
  }
  return nowhere;
}

/// "Date[UTC+01:00]" and "Date#listener" say more than what they hold.
void read_date_column(const Fields& names, Layout& layout) {
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string plain = plain_name(names[i]);
    if (plain.starts_with("date[") && plain.ends_with("]")) {
      const size_t open = names[i].find('['), close = names[i].find(']');
      layout.time = i;
      layout.zone_s = zone_offset(names[i].substr(open + 1, close - open - 1));
    } else if (plain.starts_with("date#")) {
      layout.time = i;
      layout.owner = names[i].substr(names[i].find('#') + 1);
    }
  }
}

std::optional<Layout> layout_of_header(const Fields& names, char divider) {
  std::vector<std::string> columns;
  for (const auto name : names) columns.push_back(plain_name(name));
  Layout layout;
  layout.divider = divider;
  layout.columns = names.size();
  layout.time = find_column(columns, {"uts", "timestamp", "utctime", "datetime", "date", "playedat", "scrobbledat", "time"});
  if (layout.time == nowhere) read_date_column(names, layout);
  if (layout.time != nowhere && columns[layout.time] == "date") layout.clock = find_column(columns, {"time"});
  if (layout.time != nowhere && columns[layout.time] == "utctime") layout.zone_s = 0;
  layout.artist = find_column(columns, {"artist", "artistname"});
  layout.title = find_column(columns, {"track", "title", "trackname", "tracktitle", "name", "song"});
  layout.artist_id = find_column(columns, {"artistmbid"});
  layout.track_id = find_column(columns, {"trackmbid", "recordingmbid"});
  layout.listener = find_column(columns, {"username", "user", "listener"});
  return layout.whole() ? std::optional(layout) : std::nullopt;
}

/// artist, album, title and a date with a clock in it, which a number would not have.
std::optional<Layout> layout_without_header(const Fields& row, char divider) {
  if (row.size() != 4 || row[0].empty() || row[2].empty()) return std::nullopt;
  if (row[3].find(':') == std::string_view::npos || !read_time(row[3])) return std::nullopt;
  Layout layout;
  layout.divider = divider;
  layout.header = false;
  layout.columns = 4;
  layout.artist = 0, layout.title = 2, layout.time = 3;
  return layout;
}

std::optional<Layout> layout_of(std::string_view head) {
  for (const char divider : {',', ';', '\t'}) {
    TextStream stream(head);
    CsvReader reader(stream, divider);
    Fields first;
    if (!reader.next(first) || reader.cut() || reader.unclosed()) continue;
    if (auto layout = layout_of_header(first, divider)) return layout;
    if (auto layout = layout_without_header(first, divider)) return layout;
  }
  return std::nullopt;
}

class LastfmCsv : public Importer {
 public:
  explicit LastfmCsv(const Options& options) : zone_(options.time_zone) {}

  bool recognises(const std::string&, const std::string& head) const override { return layout_of(head).has_value(); }

  void read(const Source& source, const std::vector<std::string>& files, PlaySink& sink) override {
    in_batches(sink, [&](PlayBatch& batch) {
      for (const auto& file : files) read_table(source, file, batch);
    });
  }

  LogOrder order() const override { return LogOrder::newest_first; }

 private:
  void read_table(const Source& source, const std::string& file, PlayBatch& batch) const {
    const auto layout = layout_of(source.head(file));
    if (!layout) {
      throw Error("{}: no columns for artist, track and date in the header, nor lines of artist, album, title, date",
                  source.place_of(file));
    }
    const auto stream = source.read(file);
    CsvReader reader(*stream, layout->divider);
    Fields fields;
    if (layout->header) reader.next(fields);
    while (reader.next(fields)) {
      RawPlay play;
      const auto why = reader.cut() ? "too-long" : reader.unclosed() ? "malformed-line" : read_play(*layout, fields, play);
      if (why.empty()) batch.add(play);
      else batch.refuse(why, reader.text());
    }
  }

  std::string_view read_play(const Layout& layout, const Fields& fields, RawPlay& play) const {
    if (fields.size() != layout.columns) return "malformed-line";
    const auto at = [&](size_t column) { return column == nowhere ? std::string_view() : fields[column]; };
    play.listener = layout.listener == nowhere ? std::string_view(layout.owner) : at(layout.listener);
    play.artist = at(layout.artist);
    play.title = at(layout.title);
    play.artist_id = at(layout.artist_id);
    play.track_id = at(layout.track_id);
    if (play.artist.empty() || play.title.empty()) return "no-name";
    const auto time = layout.clock == nowhere ? read_time(at(layout.time))
                                              : read_time(fmt::format("{} {}", at(layout.time), at(layout.clock)));
    if (!time) return "no-time";
    play.start_error_s = time->error_s;
    play.start_ms = time->ms;
    if (!time->has_zone) play.start_ms = layout.zone_s ? time->ms - *layout.zone_s * 1000 : zone_.moment_ms(time->ms);
    const bool in_span = play.start_ms >= earliest_second * 1000 && play.start_ms < (latest_second + 1) * 1000;
    return in_span ? "" : "no-time";
  }

  TimeZone zone_;
};

}  // namespace

std::unique_ptr<Importer> make_lastfm_csv(const Importer::Options& options) { return std::make_unique<LastfmCsv>(options); }

}  // namespace segue
