#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "listening/import.h"
#include "sessions/counts.h"
#include "sessions/prepared.h"
#include "support/scratch.h"

namespace segue::published {

/// A line of a LastFM-1K log; seconds since the first of 2008. The track's id is its title, unless it has none.
inline std::string play(const std::string& who, int64_t second, const std::string& title, bool has_id = true) {
  return fmt::format("{}\t{}\t\tAnn\t{}\t{}\n", who, iso(1000 * (1'199'145'600 + second)), has_id ? "id-" + title : "", title);
}

/// One play of each letter, `step` seconds apart.
inline std::string plays(const std::string& who, int64_t second, const std::string& letters, int64_t step = 10) {
  std::string text;
  for (const char c : letters) {
    text += play(who, second, std::string(1, c));
    second += step;
  }
  return text;
}

struct Folder {
  Scratch scratch;
  explicit Folder(const std::string& text) { import_logs({scratch.file("log.tsv", text)}, path(), {}); }
  Path path() const { return scratch / "data"; }
  Prepared prepared(const Protocol& protocol) const { return prepare(path(), protocol, false); }
};

inline std::string parts(const Log& log) {
  std::string text;
  for (const auto part : log.part) text += "fgvt"[static_cast<int>(part)];
  return text;
}

inline std::string titles(const Prepared& p) {
  std::string text;
  for (const int32_t track : p.log.track) text += std::string(p.title[static_cast<size_t>(track)]);
  return text;
}

template <class Job>
std::string error_of(const Job& job) {
  try {
    job();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace segue::published
