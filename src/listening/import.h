#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/files.h"

namespace segue {

struct ImportOptions {
  std::string format;              // a name of importers(); empty: recognised from the content
  std::string listener;            // whose plays these are; empty: the file's own user, else the file's stem
  std::string time_zone = "UTC";   // of times that name none
  Path lengths;                    // a table with track_key or artist and title, and duration_ms
  Path corrections;                // spellings that are another track
  bool same_person = false;        // even if two sources of one listener play different tracks at the same time
};

/// Rows of one kind that did not become plays, or became flagged ones.
struct Fate {
  int64_t count = 0;
  int64_t row = 0;      // of the first one
  std::string example;  // its first bytes
};

/// What became of every row of one source.
struct SourceReport {
  int number = 0;
  std::string path, format;
  std::vector<std::string> files;
  std::vector<std::string> listeners;  // at most 10 names; listener_count says how many there are
  int64_t listener_count = 0;
  int64_t rows = 0;                   // = added + already_known + the refused
  int64_t added = 0;                  // plays of the data folder now, flagged duplicates included
  int64_t already_known = 0;          // the same plays as in another source
  int64_t refined = 0;                // of these: made finer
  std::map<std::string, Fate> refused;  // by reason
  std::map<std::string, Fate> flagged;  // of the added: "duplicate", "invalid-utf8", "odd-date"
  int64_t first_ms = 0, last_ms = 0;
  std::string problem;                // why the source could not be read, or not to its end; empty if all went well
  bool newest_first = false;
};

struct ImportReport {
  std::string data;
  std::vector<SourceReport> sources;  // of this import
  int64_t plays = 0, listeners = 0, tracks = 0, spellings = 0;  // of the data folder afterwards
  bool complete() const;              // no source had a problem
};

/// Reads logs into a data folder: plays, spellings, tracks, listeners, sources. Each path is one source; a folder or
/// an archive counts as one log, but a folder of nothing but archives is as if each of them had been given. What one
/// source breaks off with is reported and the others are read. Nothing in the folder changes before everything is
/// written.
ImportReport import_logs(const std::vector<Path>& paths, const Path& data, const ImportOptions& options);

nlohmann::json to_json(const ImportReport& report);
/// For the screen: per source what became of its rows, with examples.
std::string text_of(const ImportReport& report);

/// The sources of a data folder, as sources.json keeps them.
std::vector<SourceReport> load_sources(const Path& data);
void save_sources(const Path& folder, const std::vector<SourceReport>& sources);

}  // namespace segue
