#include "listening/collector.h"

#include <algorithm>
#include <chrono>

#include "core/console.h"

namespace segue {
namespace {

constexpr int64_t earliest_ms = 1'009'843'200'000;  // 2002-01-01: there were no listening logs before

int64_t tomorrow_ms() {
  const auto when = std::chrono::system_clock::now() + std::chrono::hours(24);
  return std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count();
}

}  // namespace

Collector::Collector(DataFolder& folder, SourceReport& report, const std::string& listener, const std::string& fallback)
    : folder_(folder),
      report_(report),
      listener_(listener),
      fallback_(fallback),
      latest_ms_(tomorrow_ms()),
      progress_("reading", 0, "rows") {}

void Collector::plays(std::span<const RawPlay> rows) {
  constexpr size_t ahead = 16;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i + ahead < rows.size()) folder_.spellings.prefetch(rows[i + ahead].spelling);
    take(rows[i]);
    ++report_.rows;
  }
  progress_.at(report_.rows);
}

void Collector::refuse(std::string_view why, int64_t row, std::string_view example) {
  ++report_.rows;
  Fate& fate = report_.refused[std::string(why)];
  if (fate.count++ > 0) return;
  fate.row = row;
  fate.example = printable(example.substr(0, 200));
}

Plays& Collector::fresh() {
  hand_over();
  return fresh_;
}

/// Most logs list one listener after the other: the plays of all wait in the same room, which need not grow again.
void Collector::hand_over() {
  if (run_.empty()) return;
  auto& rows = fresh_.rows[static_cast<size_t>(listening_)];
  rows.insert(rows.end(), run_.begin(), run_.end());
  run_.clear();
}

void Collector::take(const RawPlay& row) {
  const int64_t mended = folder_.spellings.mended();
  PlayRow play;
  play.start_ms = row.start_ms;
  play.row = static_cast<uint32_t>(row.row);
  play.spelling = folder_.spellings.add(row);
  play.played_ms = static_cast<int32_t>(std::min<int64_t>(row.played_ms.value_or(-1), INT32_MAX));
  play.source = static_cast<uint16_t>(report_.number);
  play.start_error_s = static_cast<uint16_t>(std::min(row.start_error_s, int32_t{UINT16_MAX}));
  play.reason_end = folder_.plays.reason(row.reason_end);
  if (row.skipped) play.skipped = *row.skipped;
  play.mended = folder_.spellings.mended() != mended;
  play.odd_date = play.start_ms < earliest_ms || play.start_ms > latest_ms_;
  if (const int32_t now = who(row.listener, play.mended); now != listening_) {
    hand_over();
    listening_ = now;
  }
  run_.push_back(play);
  report_.first_ms = seen_ ? std::min(report_.first_ms, play.start_ms) : play.start_ms;
  report_.last_ms = seen_ ? std::max(report_.last_ms, play.start_ms) : play.start_ms;
  seen_ = true;
}

int32_t Collector::who(std::string_view name, bool& mended) {
  if (!listener_.empty()) return fresh_.listener(listener_);
  if (name.empty()) return fresh_.listener(fallback_);
  if (listening_ >= 0 && fresh_.listeners[static_cast<size_t>(listening_)] == name) return listening_;
  if (is_valid_utf8(name)) return fresh_.listener(name);
  mended = true;
  return fresh_.listener(valid_utf8(name));
}

}  // namespace segue
