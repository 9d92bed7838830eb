#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/table.h"
#include "sessions/log.h"
#include "sessions/protocol.h"

namespace segue {

/// A log cut by a protocol: what rankers learn from, what they are asked, and what stands among the candidates.
struct Prepared {
  Protocol protocol;
  Log log;
  std::vector<int32_t> session;   // [plays] number of the session, from 1 per listener
  Texts key, artist, title;       // [N] of each track
  std::vector<int32_t> data_track;  // [N] number in the data folder
  std::vector<Case> val, test;
  std::vector<std::vector<int32_t>> val_candidates, test_candidates;  // [cases] the target first; empty: the catalogue
  std::vector<std::vector<int32_t>> val_relevant, test_relevant;      // [cases] all tracks that are right; empty: the target alone
  nlohmann::ordered_json steps;   // counts and hashes after every step of the rules
  Path folder;                    // the data folder
  std::string plays_hash;         // of the data folder's plays when it was prepared
  std::string data_hash;          // of plays, parts, tracks and cases: tables of two hashes may not be compared

  /// Train plays of each track: the order among equal scores.
  std::vector<int64_t> train_plays() const;
  /// In words, for a table: how the log was split.
  std::string split_text() const;
};

/// Cuts the logs of a data folder by a protocol. hashes: also compute the SHA-256 of the rows after each step.
/// Throws Error if the protocol does not fit the log, naming the one that does.
Prepared prepare(const Path& data, const Protocol& protocol, bool hashes);

/// Writes DATA/protocols/NAME/: protocol.json, plays.parquet, tracks.parquet, listeners.parquet, cases.parquet,
/// candidates.parquet, relevant.parquet.
void save(const Prepared& prepared, const Path& data);

/// Throws Error if the data folder was never prepared under this name, or has changed since.
Prepared load_prepared(const Path& data, const std::string& name);

/// What `prepare --json` prints: settings, steps, data hash, cases.
nlohmann::ordered_json summary(const Prepared& prepared);

}  // namespace segue
