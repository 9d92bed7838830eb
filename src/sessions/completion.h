#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "core/files.h"
#include "sessions/log.h"
#include "sessions/raw_log.h"
#include "sessions/track_keys.h"

namespace segue {

/// The track lengths that `import --lengths` kept: several rows may speak of one track; the first counts.
class LengthTable {
 public:
  /// Empty if the data folder has none.
  explicit LengthTable(const Path& data);
  bool empty() const { return empty_; }
  /// [keys] by the key's text; 0 where the table is silent.
  std::vector<int64_t> by_key(const TrackKeys& keys) const;
  /// [spellings] by lower-cased, trimmed artist and title, curly quotes straight, runs of blanks one (rule P14).
  std::vector<int64_t> by_name(const TrackKeys& keys) const;

 private:
  bool empty_ = true;
  Texts key_, artist_, title_;
  std::vector<int64_t> length_ms_;
};

/// Length of a track from its own plays (rule A6): the most frequent played time of at least 30 s; it must occur at
/// least twice; of equally frequent ones the longest. 0 if there is none.
struct PlayedLength {
  int64_t length_ms = 0, support = 0;
};
PlayedLength played_length(std::vector<int32_t>& played_ms);

/// [tracks] lengths in ms, 0 unknown: from the table (by key, then by name), else as the log or a file says, else from
/// the played times of train plays. track, part: [plays] of `raw`.
std::vector<int64_t> track_lengths(const LengthTable& table, const TrackKeys& keys, const RawLog& raw,
                                   const std::vector<int32_t>& track, const std::vector<Part>& part, size_t tracks);

/// min(1, heard / length) in double, as the oracles compute it.
inline double inferred_ratio(int64_t heard_s, int64_t length_ms) {
  return std::min(1.0, static_cast<double>(heard_s) * 1000 / static_cast<double>(length_ms));
}

/// Distribution of seconds between a play and the next of its session: known, missing, mean_s, quantiles, sum_s.
nlohmann::ordered_json describe_listened(std::vector<int64_t> seconds, int64_t rows);
/// Distribution of ratios: rows, known, missing, mean, median, complete_share, twentieths.
nlohmann::ordered_json describe_ratios(std::vector<double> ratios, int64_t rows);

}  // namespace segue
