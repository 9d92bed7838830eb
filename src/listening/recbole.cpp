#include "listening/recbole.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <unordered_map>

#include "core/text_stream.h"
#include "core/time_text.h"
#include "listening/play_batch.h"

namespace segue {
namespace {

constexpr size_t longest_line = 1 << 20;
constexpr size_t nowhere = static_cast<size_t>(-1);

using Fields = std::vector<std::string_view>;

void split(std::string_view line, Fields& fields) {
  fields.clear();
  for (size_t tab; (tab = line.find('\t')) != std::string_view::npos; line.remove_prefix(tab + 1)) {
    fields.push_back(line.substr(0, tab));
  }
  fields.push_back(line);
}

/// The names of typed columns ("name:type"); empty if the line is no such header.
Fields column_names(std::string_view line) {
  Fields names, columns;
  split(without_mark(line), columns);
  for (const auto column : columns) {
    const size_t colon = column.rfind(':');
    if (colon == std::string_view::npos) return {};
    const auto type = column.substr(colon + 1);
    if (type != "token" && type != "token_seq" && type != "float" && type != "float_seq") return {};
    names.push_back(column.substr(0, colon));
  }
  return names;
}

size_t find_column(const Fields& names, std::initializer_list<std::string_view> wanted) {
  for (const auto name : wanted) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) return static_cast<size_t>(found - names.begin());
  }
  return nowhere;
}

struct Layout {
  size_t columns, listener, item, time;
};

std::optional<Layout> layout_of(std::string_view header) {
  const auto names = column_names(header);
  const Layout layout{names.size(), find_column(names, {"user_id", "user", "uid"}),
                      find_column(names, {"item_id", "track_id", "item", "iid"}), find_column(names, {"timestamp", "time"})};
  const bool whole = layout.listener != nowhere && layout.item != nowhere && layout.time != nowhere;
  return whole ? std::optional(layout) : std::nullopt;
}

struct Names {
  std::string artist, title;
};
using NamesOfItems = std::unordered_map<std::string, Names>;

/// The names in the .item file that lies beside an .inter file; none where there is no such file.
NamesOfItems names_beside(const Source& source, const std::string& file) {
  NamesOfItems items;
  if (!file.ends_with(".inter")) return items;
  const std::string beside = file.substr(0, file.size() - 6) + ".item";
  if (std::find(source.files().begin(), source.files().end(), beside) == source.files().end()) return items;
  const auto stream = source.read(beside);
  LineReader lines(*stream, longest_line);
  std::string_view line;
  if (!lines.next(line)) return items;
  const std::string header(line);
  const auto names = column_names(header);
  const size_t id = find_column(names, {"item_id", "track_id", "item", "iid"});
  const size_t artist = find_column(names, {"artist", "artist_name", "artists"});
  const size_t title = find_column(names, {"title", "track_name", "name", "track", "item_name"});
  if (id == nowhere || (artist == nowhere && title == nowhere)) return items;  // it tells something else of them
  Fields fields;
  for (int64_t number = 2; lines.next(line); ++number) {
    if (line.empty()) continue;
    split(line, fields);
    if (fields.size() != names.size()) {
      throw Error("{}: {}: line {} has {} fields, the header {}", source.path().string(), beside, number, fields.size(),
                  names.size());
    }
    const auto at = [&](size_t column) { return column == nowhere ? std::string() : std::string(fields[column]); };
    items.try_emplace(at(id), Names{at(artist), at(title)});
  }
  return items;
}

std::string_view read_play(const Layout& layout, const Fields& fields, const NamesOfItems& items, RawPlay& play) {
  if (fields.size() != layout.columns) return "malformed-line";
  play.listener = fields[layout.listener];
  play.track_id = fields[layout.item];
  if (play.listener.empty()) return "no-listener";
  if (play.track_id.empty()) return "no-name";
  const auto text = fields[layout.time];
  double number = 0;
  const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || stop != text.data() + text.size()) return "no-time";
  const auto start = epoch_ms_of_either(number);
  if (!start) return "no-time";
  play.start_ms = *start;
  if (items.empty()) return "";
  if (const auto known = items.find(std::string(play.track_id)); known != items.end()) {
    play.artist = known->second.artist;
    play.title = known->second.title;
  }
  return "";
}

class Recbole : public Importer {
 public:
  bool recognises(const std::string&, const std::string& head) const override {
    TextStream stream(head);
    LineReader lines(stream);
    std::string_view header;
    return lines.next(header) && layout_of(header).has_value();
  }

  void read(const Source& source, const std::vector<std::string>& files, PlaySink& sink) override {
    in_batches(sink, [&](PlayBatch& batch) {
      for (const auto& file : files) read_file(source, file, batch);
    });
  }

 private:
  static void read_file(const Source& source, const std::string& file, PlayBatch& batch) {
    const auto stream = source.read(file);
    LineReader lines(*stream, longest_line);
    std::string_view line;
    const auto layout = lines.next(line) ? layout_of(line) : std::nullopt;
    if (!layout) {
      throw Error("{}: no header with user_id:token, item_id:token and timestamp:float", source.place_of(file));
    }
    const auto items = names_beside(source, file);
    Fields fields;
    while (lines.next(line)) {
      if (line.empty()) continue;
      RawPlay play;
      split(line, fields);
      const auto why = lines.cut() ? "too-long" : read_play(*layout, fields, items, play);
      if (why.empty()) batch.add(play);
      else batch.refuse(why, line);
    }
  }
};

}  // namespace

std::unique_ptr<Importer> make_recbole(const Importer::Options&) { return std::make_unique<Recbole>(); }

}  // namespace segue
