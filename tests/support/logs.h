#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/time_text.h"
#include "listening/import.h"
#include "listening/play.h"
#include "sessions/prepared.h"
#include "support/scratch.h"

namespace segue {

/// "2008-03-01T00:00:00Z" plus so many seconds: the clock of tests.
inline std::string clock_text(int64_t second) {
  const int64_t day = second / 86400, rest = second % 86400;
  return fmt::format("2008-{:02}-{:02}T{:02}:{:02}:{:02}Z", 3 + day / 28, 1 + day % 28, rest / 3600, rest / 60 % 60, rest % 60);
}

/// Milliseconds since 1970 of that clock.
inline int64_t clock_ms(int64_t second) { return 1000 * *iso_second(clock_text(second)); }

/// A line of a LastFM-1K log: who heard the track of that name, by an artist without ids, and when.
inline std::string line(const std::string& who, int64_t second, const std::string& title, const std::string& id = "",
                        const std::string& artist = "Ann", const std::string& artist_id = "") {
  return who + "\t" + clock_text(second) + "\t" + artist_id + "\t" + artist + "\t" + id + "\t" + title + "\n";
}

/// A line for each letter, `step` seconds apart: a track of that name with the id "id-" and the letter.
inline std::string lines(const std::string& who, int64_t second, const std::string& letters, int64_t step = 10) {
  std::string text;
  for (const char letter : letters) {
    text += line(who, second, std::string(1, letter), std::string("id-") + letter);
    second += step;
  }
  return text;
}

/// An element of a Spotify account export; it ends at that minute of the clock.
inline std::string heard_row(int64_t minute, const std::string& title, int64_t played_ms, const std::string& artist = "Ann") {
  std::string end = clock_text(60 * minute).substr(0, 16);
  end[10] = ' ';
  return fmt::format(R"({{"endTime":"{}","artistName":"{}","trackName":"{}","msPlayed":{}}})", end, artist, title, played_ms);
}

inline std::string account_export(const std::vector<std::string>& rows) { return fmt::format("[{}]", fmt::join(rows, ",\n")); }

/// Options of an import of which one is set.
template <class Value>
ImportOptions with(Value ImportOptions::*field, std::type_identity_t<Value> value) {
  ImportOptions options;
  options.*field = std::move(value);
  return options;
}

/// A row of a log of which only the names matter.
inline RawPlay named(std::string_view artist, std::string_view title, std::string_view track_id = {}, std::string_view artist_id = {},
                     std::optional<int64_t> length_ms = {}) {
  RawPlay play;
  play.artist = artist;
  play.title = title;
  play.track_id = track_id;
  play.artist_id = artist_id;
  play.length_ms = length_ms;
  return play;
}

/// Protocol `segue` for logs of a few plays: nobody and nothing is too small, one cut for all.
inline Protocol small_protocol(const std::string& name = "segue") {
  Protocol protocol = protocols().at(name);
  auto& rules = protocol.sessions;
  rules.min_user = rules.min_sessions = 0;
  rules.min_track = 1;
  rules.session = 2;
  protocol.split.min_overlap = 0;
  return protocol;
}

/// A data folder of one test.
struct TestData {
  TestData() = default;
  explicit TestData(const std::string& text) { import("log.tsv", text); }

  Path folder() const { return scratch / "data"; }
  /// Imports a text under that name.
  ImportReport import(const std::string& name, const std::string& text, const ImportOptions& options = {}) const {
    return import_logs({scratch.file(name, text)}, folder(), options);
  }
  Prepared prepare(const Protocol& protocol, bool hashes = false) const { return segue::prepare(folder(), protocol, hashes); }

  Scratch scratch;
};

/// Titles in the order of the log.
inline std::string titles(const Prepared& prepared) {
  std::string text;
  for (const int32_t track : prepared.log.track) text += std::string(prepared.title[static_cast<size_t>(track)]);
  return text;
}

/// The part of each play: fit, gate, val, test.
inline std::string parts(const Log& log) {
  std::string text;
  for (const auto part : log.part) text += "fgvt"[static_cast<int>(part)];
  return text;
}

/// What `job` throws as an Error; empty if nothing.
template <class Job>
std::string error_of(const Job& job) {
  try {
    job();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace segue
