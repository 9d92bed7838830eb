#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "listening/importer.h"
#include "support/memory_source.h"

namespace segue {

/// A play with texts of its own.
struct KeptPlay {
  std::string listener = {}, artist_id = {}, artist = {}, track_id = {}, title = {}, reason_end = {};
  int64_t start_ms = 0, start_error_s = 0, row = 0;
  std::optional<int64_t> played_ms = {}, length_ms = {};
  std::optional<bool> skipped = {};
  bool operator==(const KeptPlay&) const = default;
};

/// Keeps what an importer hands over.
class KeptRows : public PlaySink {
 public:
  void plays(std::span<const RawPlay> rows) override {
    for (const auto& r : rows) {
      kept.push_back({std::string(r.listener), std::string(r.artist_id), std::string(r.artist), std::string(r.track_id),
                      std::string(r.title), std::string(r.reason_end), r.start_ms, r.start_error_s, r.row, r.played_ms,
                      r.length_ms, r.skipped});
    }
  }
  void refuse(std::string_view why, int64_t row, std::string_view) override { refused[row] = why; }

  std::vector<KeptPlay> kept;
  std::map<int64_t, std::string> refused;
  std::string error;  // that ended the reading
};

/// Reads files in memory with an importer, in blocks of `block` bytes.
inline KeptRows read_rows(const std::string& format, const std::map<std::string, std::string>& texts,
                          size_t block = 1 << 20, const Importer::Options& options = {}) {
  const MemorySource source(texts, block);
  std::vector<std::string> files;
  for (const auto& file : source.files()) {
    if (!file.ends_with(".item")) files.push_back(file);
  }
  KeptRows rows;
  try {
    importers().at(format)(options)->read(source, files, rows);
  } catch (const Error& error) {
    rows.error = error.what();
  }
  return rows;
}

using Refused = std::map<int64_t, std::string>;

}  // namespace segue
