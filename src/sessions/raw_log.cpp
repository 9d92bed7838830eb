#include "sessions/raw_log.h"

#include <algorithm>
#include <future>
#include <numeric>
#include <map>
#include <tuple>

#include "core/error.h"
#include "core/parallel.h"
#include "core/table.h"
#include "listening/import.h"

namespace segue {
namespace {

/// Sorts the listeners by name and makes room for their plays. Returns the new number of each old one.
std::vector<size_t> lay_out(const Path& data, RawLog& log) {
  Table table = read_table(data / "listeners.parquet", {"name", "plays"});
  const Texts& names = texts(table, "name");
  const auto& count = values<int64_t>(table, "plays");
  std::vector<size_t> order(names.size()), place(names.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return names[a] < names[b]; });
  log.first.assign(1, 0);
  for (size_t i = 0; i < order.size(); ++i) {
    place[order[i]] = i;
    log.listeners.emplace_back(names[order[i]]);
    log.first.push_back(log.first.back() + count[order[i]]);
  }
  const auto n = static_cast<size_t>(log.first.back());
  log.time_ms.resize(n);
  log.spelling.resize(n);
  log.duplicate.resize(n);
  return place;
}

/// source: filled where it is as long as the log: the number of the source of each play, needed while ties are put in
/// order. Rows of one source and one time stand in the order of the source already.
void fill(const Path& data, const std::vector<size_t>& place, RawLog& log, std::vector<uint16_t>& source) {
  std::vector<int64_t> next(log.first.begin(), log.first.end() - 1);
  std::vector<std::string> columns = {"listener", "start_ms", "spelling", "played_ms", "duplicate"};
  if (!source.empty()) columns.emplace_back("source");
  TableReader reader(data / "plays.parquet", columns);
  while (auto table = reader.next()) {
    const auto& who = values<int32_t>(*table, "listener");
    const auto& start = values<int64_t>(*table, "start_ms");
    const auto& spelling = values<int32_t>(*table, "spelling");
    const auto& played = values<int32_t>(*table, "played_ms");
    const auto& played_known = known(*table, "played_ms");
    const auto* from = source.empty() ? nullptr : &values<int32_t>(*table, "source");
    const auto& duplicate = values<uint8_t>(*table, "duplicate");
    const bool any_played = played_known.empty() || std::find(played_known.begin(), played_known.end(), 1) != played_known.end();
    if (any_played && log.played_ms.empty()) log.played_ms.assign(log.time_ms.size(), -1);
    for (size_t i = 0; i < who.size(); ++i) {
      const size_t listener = place.at(static_cast<size_t>(who[i]));
      if (next[listener] == log.first[listener + 1]) throw Error("{}: listeners.parquet and plays.parquet do not belong together", data.string());
      const auto at = static_cast<size_t>(next[listener]++);
      const int32_t heard = played_known.empty() || played_known[i] ? played[i] : -1;
      log.time_ms[at] = start[i] + std::max(heard, 0);
      if (!log.played_ms.empty()) log.played_ms[at] = heard;
      log.spelling[at] = spelling[i];
      log.duplicate[at] = duplicate[i];
      if (from != nullptr) source[at] = static_cast<uint16_t>((*from)[i]);
    }
  }
}

/// Puts plays of one listener and one time into the order that is asked for.
class TieBreaker {
 public:
  /// source: [plays], or empty where there is one source.
  TieBreaker(const std::vector<SourceReport>& sources, TieOrder ties, const TrackKeys& keys, RawLog& log, const std::vector<uint16_t>& source)
      : ties_(ties), keys_(keys), log_(log), source_(source) {
    for (const auto& one : sources) newest_first_.push_back(one.newest_first);
    if (ties == TieOrder::key) {
      std::vector<int32_t> all(static_cast<size_t>(keys.count()));
      std::iota(all.begin(), all.end(), 0);
      const auto sorted = keys.sorted_by_text(all);
      byte_rank_.resize(sorted.size());
      for (size_t i = 0; i < sorted.size(); ++i) byte_rank_[static_cast<size_t>(sorted[i])] = static_cast<int32_t>(i);
    }
  }

  void run() {
    for (size_t u = 0; u + 1 < log_.first.size(); ++u) {
      const auto end = static_cast<size_t>(log_.first[u + 1]);
      for (size_t begin = static_cast<size_t>(log_.first[u]), stop = begin; begin < end; begin = stop) {
        while (stop < end && log_.time_ms[stop] == log_.time_ms[begin]) ++stop;
        if (stop - begin > 1) reorder(begin, stop);
      }
    }
  }

 private:
  int32_t source_of(size_t i) const { return source_.empty() ? 0 : source_[i]; }

  std::tuple<int32_t, int32_t, int64_t> rank(size_t i) const {
    const auto row = static_cast<int64_t>(i);  // rows of one time stand by source and row
    const int32_t source = source_of(i);
    switch (ties_) {
      case TieOrder::reverse: return {0, -source, -row};
      case TieOrder::file: return {0, source, row};
      case TieOrder::key: return {byte_rank_[static_cast<size_t>(keys_.of(log_.spelling[i]))], -source, -row};
      case TieOrder::as_written: break;
    }
    return {0, source, newest_first_.at(static_cast<size_t>(source)) ? -row : row};
  }

  void reorder(size_t begin, size_t end) {
    order_.resize(end - begin);
    std::iota(order_.begin(), order_.end(), begin);
    std::sort(order_.begin(), order_.end(), [&](size_t a, size_t b) { return rank(a) < rank(b); });
    apply(log_.spelling, begin);
    apply(log_.duplicate, begin);
    if (!log_.played_ms.empty()) apply(log_.played_ms, begin);
    const auto flag = log_.duplicate.begin();
    if (std::count(flag + static_cast<std::ptrdiff_t>(begin), flag + static_cast<std::ptrdiff_t>(end), 1) > 0) flag_again(begin);
  }

  /// Of equal rows the first in the order asked for are the plays, as many as there were: the import flagged by the
  /// order of the log.
  void flag_again(size_t begin) {
    std::map<std::tuple<int32_t, int32_t, int32_t>, int64_t> live;
    const auto key = [&](size_t k) {
      const int32_t played = log_.played_ms.empty() ? -1 : log_.played_ms[begin + k];
      return std::tuple(keys_.pair_of(log_.spelling[begin + k]), played, source_of(order_[k]));
    };
    for (size_t k = 0; k < order_.size(); ++k) live[key(k)] += !log_.duplicate[begin + k];
    for (size_t k = 0; k < order_.size(); ++k) log_.duplicate[begin + k] = live[key(k)]-- <= 0;
  }

  template <class T>
  void apply(std::vector<T>& column, size_t begin) const {
    std::vector<T> moved;
    for (const size_t i : order_) moved.push_back(column[i]);
    std::copy(moved.begin(), moved.end(), column.begin() + static_cast<std::ptrdiff_t>(begin));
  }

  TieOrder ties_;
  const TrackKeys& keys_;
  RawLog& log_;
  const std::vector<uint16_t>& source_;
  std::vector<bool> newest_first_;
  std::vector<int32_t> byte_rank_;
  std::vector<size_t> order_;
};

}  // namespace

TieOrder tie_order(const std::string& name) {
  if (name == "reverse") return TieOrder::reverse;
  if (name == "file") return TieOrder::file;
  return name == "key" ? TieOrder::key : TieOrder::as_written;
}

ReadLog read_log(const Path& data, TieOrder ties, bool raw_keys) {
  auto keys = std::async(threads() > 1 ? std::launch::async : std::launch::deferred, [&] { return TrackKeys(data, raw_keys); });
  const auto sources = load_sources(data);
  RawLog log;
  const auto place = lay_out(data, log);
  std::vector<uint16_t> source(sources.size() > 1 ? log.time_ms.size() : 0);
  fill(data, place, log, source);
  ReadLog read{keys.get(), std::move(log)};
  TieBreaker(sources, ties, read.keys, read.log, source).run();
  return read;
}

}  // namespace segue
