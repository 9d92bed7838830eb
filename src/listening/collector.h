#pragma once

#include <string>
#include <vector>

#include "core/progress.h"
#include "listening/data_folder.h"
#include "listening/play.h"

namespace segue {

/// Takes the rows of one source: spellings go to the folder, plays wait until all of the source is read. Counts the
/// rows, and those that are refused, in the report.
class Collector : public PlaySink {
 public:
  /// listener: whose plays these are, whatever the rows say; empty: as they say, and `fallback` where they name nobody.
  Collector(DataFolder& folder, SourceReport& report, const std::string& listener, const std::string& fallback);

  void plays(std::span<const RawPlay> rows) override;
  void refuse(std::string_view why, int64_t row, std::string_view example) override;

  /// What was read so far.
  Plays& fresh();

 private:
  void hand_over();
  void take(const RawPlay& row);
  int32_t who(std::string_view name, bool& mended);

  DataFolder& folder_;
  SourceReport& report_;
  const std::string& listener_;
  const std::string& fallback_;
  const int64_t latest_ms_;  // a day from now
  Plays fresh_;
  std::vector<PlayRow> run_;  // of `listening_`, not yet in fresh_
  int32_t listening_ = -1;
  Progress progress_;
  bool seen_ = false;
};

}  // namespace segue
