#include "listening/lastfm_1k.h"

#include <array>

#include "core/text_stream.h"
#include "core/time_text.h"
#include "listening/play_batch.h"

namespace segue {
namespace {

constexpr size_t longest_line = 1 << 20;

using Fields = std::array<std::string_view, 6>;

/// False unless there are exactly six.
bool split(std::string_view line, Fields& fields) {
  for (size_t i = 0; i < fields.size(); ++i) {
    const size_t tab = line.find('\t');
    if ((tab == std::string_view::npos) != (i + 1 == fields.size())) return false;
    fields[i] = line.substr(0, tab);
    line.remove_prefix(tab == std::string_view::npos ? line.size() : tab + 1);
  }
  return true;
}

std::string_view read_play(std::string_view line, RawPlay& play) {
  Fields fields;
  if (!split(line, fields)) return "malformed-line";
  const auto second = iso_second(fields[1]);
  if (!second) return "no-time";
  if (fields[0].empty()) return "no-listener";
  play.listener = fields[0];
  play.start_ms = *second * 1000;
  play.artist_id = fields[2];
  play.artist = fields[3];
  play.track_id = fields[4];
  play.title = fields[5];
  return "";
}

class Lastfm1k : public Importer {
 public:
  bool recognises(const std::string&, const std::string& head) const override {
    std::string_view left = without_mark(head);
    int lines = 0, good = 0;
    while (lines < 16 && !left.empty()) {
      const size_t end = left.find('\n');
      if (end == std::string_view::npos && lines > 0) break;  // the head may end inside it
      RawPlay play;
      good += read_play(left.substr(0, end), play).empty() ? 1 : 0;
      ++lines;
      left.remove_prefix(end == std::string_view::npos ? left.size() : end + 1);
    }
    return good > 0 && 2 * good >= lines;
  }

  void read(const Source& source, const std::vector<std::string>& files, PlaySink& sink) override {
    in_batches(sink, [&](PlayBatch& batch) {
      for (const auto& file : files) {
        const auto stream = source.read(file);
        LineReader lines(*stream, longest_line);
        bool first = true;
        for (std::string_view line; lines.next(line); first = false) {
          RawPlay play;
          if (first) line = without_mark(line);
          if (line.empty()) continue;  // no row
          const auto why = lines.cut() ? "too-long" : read_play(line, play);
          if (why.empty()) batch.add(play);
          else batch.refuse(why, line);
        }
      }
    });
  }

  LogOrder order() const override { return LogOrder::newest_first; }
};

}  // namespace

std::unique_ptr<Importer> make_lastfm_1k(const Importer::Options&) { return std::make_unique<Lastfm1k>(); }

}  // namespace segue
