#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/files.h"
#include "experiments/release_tables.h"
#include "signals/signal.h"

namespace segue {

struct ReleaseOptions {
  std::vector<std::string> protocols = {}, signals = {};  // empty: all there are; "none": none
  bool keep_listeners = false;  // their names, instead of numbers
  bool without_names = false;   // numbers, instead of names and ids of artists and tracks
  std::string name = {};        // empty: that of the folder
  std::string description = {}, license = {}, creator = {}, url = {};  // empty: not said
  std::string edition = "1.0.0";                // what to call the state of the data
};

struct ReleasedProtocol {
  std::string name;
  nlohmann::ordered_json summary;  // its protocol.json
};

struct ReleasedSignal {
  SignalAbout about;
  int64_t vectors = 0, instrumental = 0, unreadable = 0;  // tracks
  bool genes = false;     // with what was said of each gene
  bool masked = false;    // single numbers may be missing
};

struct ReleasedFile {
  std::string path;  // below the folder, divided by /
  std::string sha256;
  int64_t bytes = 0;
  int64_t rows = 0;  // of a table
  const ReleasedTable* table = nullptr;  // null: it is none
};

/// What a release holds.
struct Release {
  ReleaseOptions options;
  std::string into;
  int64_t plays = 0, listeners = 0, tracks = 0, spellings = 0, sources = 0;
  int64_t first_ms = 0, last_ms = 0;  // of the plays
  int64_t unnamed = 0;                // tracks whose names were taken from the path of a file, left out
  std::vector<std::string> telling;   // signals of the words of names, left out with them
  std::vector<ReleasedProtocol> protocols;
  std::vector<ReleasedSignal> signals;
  std::vector<ReleasedFile> files;    // but SHA256SUMS
};

constexpr const char* release_mark = "release.json";  // in every release
constexpr int release_version = 1;

/// Writes what may be shared of a data folder: ids, names of tracks, plays, sessions, parts, cases, candidates, completion, vectors,
/// genes, with a card, a Croissant description and checksums. No sound, no lyrics, no names or paths of files, and no names of
/// listeners, unless they are kept: they are numbered in the order of the bytes of their names, for on that order the last digits of
/// an evaluation depend; names of tracks likewise, where they are left out. The folder appears whole.
///
/// Throws Error: no imported plays, no such protocol or signal, a protocol that was prepared from other plays or by another version, or
/// that would not be the same without names, `into` holds something else than an older release.
Release release_data(const Path& data, const Path& into, const ReleaseOptions& options);

/// What `release --json` prints; without `files` it is release.json.
nlohmann::ordered_json to_json(const Release& release, bool files);
std::string text_of(const Release& release);

}  // namespace segue
