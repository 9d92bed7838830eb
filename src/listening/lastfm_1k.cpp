#include "listening/lastfm_1k.h"

#include <array>
#include <cstring>
#include <deque>
#include <future>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"
#include "core/text_stream.h"
#include "core/time_text.h"

namespace segue {
namespace {

using View = std::string_view;

struct Refused {
  View why;
  int64_t row;
  View line;
};

/// What one thread makes of a run of whole lines. The views point into `text`.
struct Chunk {
  std::string text;
  std::vector<RawPlay> plays;
  std::vector<Refused> refused;
  int64_t lines = 0;
};

/// False unless the line has exactly six fields.
bool split(View line, std::array<View, 6>& fields) {
  const char* at = line.data();
  const char* const end = at + line.size();
  for (size_t i = 0; i < 5; ++i) {
    const auto* tab = static_cast<const char*>(std::memchr(at, '\t', static_cast<size_t>(end - at)));
    if (tab == nullptr) return false;
    fields[i] = View(at, static_cast<size_t>(tab - at));
    at = tab + 1;
  }
  fields[5] = View(at, static_cast<size_t>(end - at));
  return fields[5].find('\t') == View::npos;
}

void parse_line(View line, int64_t row, Chunk& chunk) {
  std::array<View, 6> f;
  if (!split(line, f)) return chunk.refused.push_back({"malformed-line", row, line});
  const auto seconds = iso_second(f[1]);
  if (!seconds) return chunk.refused.push_back({"no-time", row, line});
  if (f[0].empty()) return chunk.refused.push_back({"no-listener", row, line});
  RawPlay& play = chunk.plays.emplace_back();
  play.listener = f[0];
  play.start_ms = *seconds * 1000;
  play.artist_id = f[2];
  play.artist = f[3];
  play.track_id = f[4];
  play.title = f[5];
  play.row = row;
  play.spelling = spelling_hash(View(f[2].data(), static_cast<size_t>(f[5].data() + f[5].size() - f[2].data())));
}

/// Row numbers count from 1 inside the chunk; the reader adds what came before.
Chunk parse(Chunk chunk) {
  const View text = chunk.text;
  chunk.plays.reserve(text.size() / 100);
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    View line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) parse_line(line, ++chunk.lines, chunk);
    at = end + 1;
  }
  return chunk;
}

/// Runs of whole lines of a stream, some megabytes each; the last one may lack its line feed. What the stream breaks
/// off with comes after the whole lines before it; the broken line does not come.
class LineRuns {
 public:
  explicit LineRuns(ByteStream& stream) : stream_(stream) {}

  /// The next run, in the room of `text`; empty at the end.
  std::string next(std::string text) {
    text.assign(rest_);
    rest_.clear();
    size_t end = View::npos;  // of the last whole line
    while (!over_ && (end == View::npos || text.size() < run_bytes)) {
      const size_t before = text.size();
      over_ = !append(text);
      const size_t feed = View(text).substr(before).rfind('\n');
      if (feed != View::npos) end = before + feed + 1;
      else if (end == View::npos && text.size() > longest_line) end = text.size();
    }
    if (over_) end = broken_ && end == View::npos ? 0 : broken_ ? end : text.size();
    rest_.assign(text, end);
    text.resize(end);
    if (text.empty() && broken_) std::rethrow_exception(broken_);
    return text;
  }

 private:
  static constexpr size_t run_bytes = 1 << 22;
  static constexpr size_t longest_line = 1 << 26;

  /// False at the end.
  bool append(std::string& text) {
    try {
      const auto block = stream_.next();
      text.append(block.data(), block.size());
      return !block.empty();
    } catch (...) {
      broken_ = std::current_exception();
      return false;
    }
  }

  ByteStream& stream_;
  std::string rest_;
  bool over_ = false;
  std::exception_ptr broken_;
};

/// One thread reads runs of lines, others parse them, and this one hands them on in order.
class Pipeline {
 public:
  explicit Pipeline(PlaySink& sink) : sink_(sink) {}

  void read(ByteStream& stream) {
    LineRuns runs(stream);
    const auto read_ahead = [&] { return std::async(when_, [&runs](std::string room) { return runs.next(std::move(room)); }, spare()); };
    bool first = true;
    try {
      for (auto ahead = read_ahead();;) {
        std::string text = ahead.get();
        if (text.empty()) break;
        if (std::exchange(first, false) && text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
        ahead = read_ahead();
        submit(std::move(text));
      }
    } catch (...) {
      while (!waiting_.empty()) hand_on();
      throw;
    }
    while (!waiting_.empty()) hand_on();
  }

 private:
  void submit(std::string text) {
    Chunk chunk;
    if (!spare_.empty()) {
      chunk = std::move(spare_.back());
      spare_.pop_back();
    }
    chunk.text = std::move(text);
    // A small string would live inside the chunk and its views break when the chunk moves.
    chunk.text.reserve(64);
    waiting_.push_back(std::async(when_, parse, std::move(chunk)));
    if (waiting_.size() > static_cast<size_t>(threads())) hand_on();
  }

  void hand_on() {
    Chunk chunk = waiting_.front().get();
    waiting_.pop_front();
    constexpr size_t part = 512;  // another thread wrote them: what is fetched from there to be counted is used at once
    for (size_t at = 0; at < chunk.plays.size(); at += part) {
      const auto plays = std::span(chunk.plays).subspan(at, std::min(part, chunk.plays.size() - at));
      for (auto& play : plays) play.row += lines_;
      sink_.plays(plays);
    }
    for (const auto& refused : chunk.refused) sink_.refuse(refused.why, refused.row + lines_, refused.line);
    lines_ += chunk.lines;
    chunk.plays.clear();
    chunk.refused.clear();
    chunk.lines = 0;
    texts_.push_back(std::move(chunk.text));
    spare_.push_back(std::move(chunk));
  }

  /// An empty text with the room of one that was read before: fresh memory costs more than the parsing.
  std::string spare() {
    if (texts_.empty()) return {};
    std::string text = std::move(texts_.back());
    texts_.pop_back();
    text.clear();
    return text;
  }

  PlaySink& sink_;
  const std::launch when_ = threads() > 1 ? std::launch::async : std::launch::deferred;
  std::vector<Chunk> spare_;
  std::vector<std::string> texts_;
  std::deque<std::future<Chunk>> waiting_;
  int64_t lines_ = 0;
};

class LastFm1k : public Importer {
 public:
  bool recognises(const std::string&, const std::string& head) const override {
    View text = head;
    text = without_mark(text);
    int good = 0, all = 0;
    for (size_t at = 0; at < text.size() && all < 20;) {
      const size_t end = text.find('\n', at);
      if (end == View::npos && all > 0) break;  // the head may end inside a line
      View line = text.substr(at, end == View::npos ? View::npos : end - at);
      if (line.ends_with('\r')) line.remove_suffix(1);
      std::array<View, 6> fields;
      if (!line.empty()) {
        ++all;
        good += split(line, fields) && iso_second(fields[1]).has_value();
      }
      if (end == View::npos) break;
      at = end + 1;
    }
    return good > 0 && 2 * good >= all;
  }

  void read(const Source& source, const std::vector<std::string>& files, PlaySink& sink) override {
    Pipeline pipeline(sink);
    for (const auto& file : files) pipeline.read(*source.read(file));
  }

  LogOrder order() const override { return LogOrder::newest_first; }
};

}  // namespace

std::unique_ptr<Importer> make_lastfm_1k(const Importer::Options&) { return std::make_unique<LastFm1k>(); }

}  // namespace segue
