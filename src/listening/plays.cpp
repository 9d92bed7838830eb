#include "listening/plays.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <future>
#include <numeric>

#include "core/console.h"
#include "core/table.h"

namespace segue {
namespace {

constexpr size_t group_rows = 1 << 20;
constexpr const char* hash_key = "segue.plays";

/// One row group of plays.parquet. Two of them take turns, one being filled while the other is written: fresh memory for
/// each of a long log's groups costs more than filling them.
struct Group {
  Table table{{"listener", std::vector<int32_t>(), {}},      {"start_ms", std::vector<int64_t>(), {}},
              {"start_error_s", std::vector<int32_t>(), {}}, {"track", std::vector<int32_t>(), {}},
              {"spelling", std::vector<int32_t>(), {}},      {"played_ms", std::vector<int32_t>(), {}},
              {"reason_end", Texts(), {}},                   {"skipped", Flags(), {}},
              {"source", std::vector<int32_t>(), {}},        {"row", std::vector<int64_t>(), {}},
              {"duplicate", Flags(), {}}};
  size_t size = 0;

  void start() {
    size = 0;
    resize(group_rows);
    reason_end.truncate(0);
  }

  void add(int32_t who, const PlayRow& play, const std::vector<int32_t>& track_of, const std::vector<std::string>& reasons) {
    const size_t i = size++;
    listener[i] = who;
    start_ms[i] = play.start_ms;
    start_error_s[i] = play.start_error_s;
    track[i] = track_of[static_cast<size_t>(play.spelling)];
    spelling[i] = play.spelling;
    played_ms[i] = std::max(play.played_ms, 0);
    played_known[i] = play.played_ms >= 0;
    if (play.reason_end != 0) {  // few logs know one
      reason_end.pad(i);
      reason_end.push_back(reasons[play.reason_end]);
    }
    reason_known[i] = play.reason_end != 0;
    skipped[i] = play.skipped > 0;
    skipped_known[i] = play.skipped >= 0;
    source[i] = play.source;
    row[i] = play.row;
    duplicate[i] = play.duplicate;
  }

  /// Leaves the rows that were added. Returns the hash of all rows so far, which says later whether two folders hold the
  /// same plays.
  uint64_t finish(uint64_t before) {
    if (size < group_rows) resize(size);
    reason_end.pad(size);
    const auto add = [&](const auto& column) {
      before = XXH3_64bits_withSeed(column.data(), column.size() * sizeof(column[0]), before);
    };
    for (const auto* column : {&listener, &start_error_s, &track, &spelling, &played_ms, &source}) add(*column);
    for (const auto* column : {&start_ms, &row}) add(*column);
    for (const auto* column : {&played_known, &skipped_known, &reason_known}) add(*column);
    add(skipped);
    add(duplicate);
    return before;
  }

 private:
  void resize(size_t n) {
    for (auto* column : {&listener, &start_error_s, &track, &spelling, &played_ms, &source}) column->resize(n);
    for (auto* column : {&start_ms, &row}) column->resize(n);
    for (auto* column : {&played_known, &skipped_known, &reason_known}) column->resize(n);
    skipped.resize(n);
    duplicate.resize(n);
  }

  std::vector<int32_t>& numbers(const char* name) { return values<int32_t>(table, name); }
  std::vector<int32_t>&listener = numbers("listener"), &start_error_s = numbers("start_error_s"), &track = numbers("track"),
                      &spelling = numbers("spelling"), &played_ms = numbers("played_ms"), &source = numbers("source");
  std::vector<int64_t>&start_ms = values<int64_t>(table, "start_ms"), &row = values<int64_t>(table, "row");
  std::vector<uint8_t>&skipped = values<uint8_t>(table, "skipped"), &duplicate = values<uint8_t>(table, "duplicate");
  Texts& reason_end = texts(table, "reason_end");
  std::vector<uint8_t>&played_known = table[5].known, &reason_known = table[6].known, &skipped_known = table[7].known;
};

bool is_known(const std::vector<uint8_t>& known, size_t i) { return known.empty() || known[i] != 0; }

}  // namespace

int32_t Plays::listener(std::string_view name) {
  // Logs list one listener after the other, so the last one asked for is nearly always the answer.
  if (!listeners.empty() && listeners.back() == name) return static_cast<int32_t>(listeners.size()) - 1;
  const auto [found, is_new] = numbers_.try_emplace(std::string(name), static_cast<int32_t>(listeners.size()));
  if (is_new) {
    listeners.emplace_back(name);
    rows.emplace_back();
  }
  return found->second;
}

int32_t Plays::find(std::string_view name) const {
  const auto found = numbers_.find(std::string(name));
  return found == numbers_.end() ? -1 : found->second;
}

uint8_t Plays::reason(std::string_view word) {
  if (word.empty()) return 0;
  constexpr size_t longest = 64;  // it is written with every play
  if (word.size() > longest || !is_valid_utf8(word)) return 0;
  const auto found = std::find(reasons.begin(), reasons.end(), word);
  if (found != reasons.end()) return static_cast<uint8_t>(found - reasons.begin());
  if (reasons.size() > 255) return 0;
  reasons.emplace_back(word);
  return static_cast<uint8_t>(reasons.size() - 1);
}

int64_t Plays::count() const {
  return std::accumulate(rows.begin(), rows.end(), int64_t{0},
                         [](int64_t sum, const auto& plays) { return sum + static_cast<int64_t>(plays.size()); });
}

void Plays::save(const Path& folder, const std::vector<int32_t>& track, const std::string& time_zone) const {
  TableWriter writer(folder / "plays.parquet");
  uint64_t hash = 0;
  Group groups[2];
  Group* group = &groups[0];  // being filled
  std::future<void> writing;  // the other one
  const auto write = [&] {
    hash = group->finish(hash);
    if (writing.valid()) writing.get();
    writing = std::async(std::launch::async, [&writer, group] { writer.write(group->table); });
    group = group == &groups[0] ? &groups[1] : &groups[0];
    group->start();
  };
  group->start();
  for (size_t who = 0; who < rows.size(); ++who) {
    for (const auto& play : rows[who]) {
      group->add(static_cast<int32_t>(who), play, track, reasons);
      if (group->size == group_rows) write();
    }
  }
  write();
  writing.get();
  writer.note(hash_key, fmt::format("{:016x}", hash));
  writer.close();

  Table table{{"listener", std::vector<int32_t>(listeners.size()), {}}, {"name", Texts(), {}}, {"time_zone", Texts(), {}},
              {"plays", std::vector<int64_t>(), {}}};
  auto& number = values<int32_t>(table, "listener");
  std::iota(number.begin(), number.end(), 0);
  for (const auto& name : listeners) {
    texts(table, "name").push_back(name);
    const size_t i = texts(table, "time_zone").size();
    texts(table, "time_zone").push_back(i < zones.size() ? zones[i] : time_zone);
    values<int64_t>(table, "plays").push_back(std::ssize(rows[i]));
  }
  write_table(folder / "listeners.parquet", table);
}

std::string plays_hash(const Path& folder) {
  return TableReader(folder / "plays.parquet", {"listener"}).metadata()[hash_key];
}

Plays Plays::load(const Path& folder) {
  Plays plays;
  Table names = read_table(folder / "listeners.parquet", {"name", "time_zone"});
  for (size_t i = 0; i < segue::rows(names); ++i) {
    plays.listener(texts(names, "name")[i]);
    plays.zones.emplace_back(texts(names, "time_zone")[i]);
  }

  TableReader reader(folder / "plays.parquet");
  while (auto table = reader.next()) {
    const auto& who = values<int32_t>(*table, "listener");
    const auto& start = values<int64_t>(*table, "start_ms");
    const auto& error = values<int32_t>(*table, "start_error_s");
    const auto& spelling = values<int32_t>(*table, "spelling");
    const auto& played = values<int32_t>(*table, "played_ms");
    const auto& played_known = known(*table, "played_ms");
    const auto& reason = texts(*table, "reason_end");
    const auto& skipped = values<uint8_t>(*table, "skipped");
    const auto& skipped_known = known(*table, "skipped");
    const auto& source = values<int32_t>(*table, "source");
    const auto& row = values<int64_t>(*table, "row");
    const auto& duplicate = values<uint8_t>(*table, "duplicate");
    for (size_t i = 0; i < who.size(); ++i) {
      plays.rows.at(static_cast<size_t>(who[i])).push_back({
          .start_ms = start[i],
          .row = static_cast<uint32_t>(row[i]),
          .spelling = spelling[i],
          .played_ms = is_known(played_known, i) ? played[i] : -1,
          .source = static_cast<uint16_t>(source[i]),
          .start_error_s = static_cast<uint16_t>(error[i]),
          .reason_end = plays.reason(reason[i]),
          .skipped = static_cast<int8_t>(is_known(skipped_known, i) ? skipped[i] : -1),
          .duplicate = duplicate[i] != 0,
      });
    }
  }
  return plays;
}

}  // namespace segue
