#include "sessions/raw_log.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <mutex>
#include <numeric>
#include <tuple>

#include "core/error.h"
#include "core/parallel.h"
#include "core/table.h"
#include "listening/import.h"

namespace segue {
namespace {

/// Where the plays of the file go.
struct Layout {
  std::vector<int64_t> first;  // [listeners of the file + 1] row of the file at which each begins
  std::vector<int64_t> place;  // [listeners of the file] play of the log at which each begins
};

/// Sorts the listeners by name and makes room for their plays.
Layout lay_out(const Path& data, RawLog& log) {
  Table table = read_table(data / "listeners.parquet", {"name", "plays"});
  const Texts& names = texts(table, "name");
  const auto& count = values<int64_t>(table, "plays");
  std::vector<size_t> order(names.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return names[a] < names[b]; });
  Layout layout{{0}, std::vector<int64_t>(order.size())};
  for (const int64_t plays : count) layout.first.push_back(layout.first.back() + std::max<int64_t>(plays, 0));
  log.first.assign(1, 0);
  for (const size_t u : order) {
    layout.place[u] = log.first.back();
    log.listeners.emplace_back(names[u]);
    log.first.push_back(log.first.back() + layout.first[u + 1] - layout.first[u]);
  }
  const auto n = static_cast<size_t>(log.first.back());
  log.time_ms.resize(n);
  log.spelling.resize(n);
  log.duplicate.resize(n);
  return layout;
}

/// Brings the plays of a data folder to their places in the log, one row group per thread.
class Filler {
 public:
  /// source: filled where it is as long as the log: the number of the source of each play, needed while ties are put
  /// in order. Rows of one source and one time stand in the order of the source already.
  Filler(const Path& data, const Layout& layout, RawLog& log, std::vector<uint16_t>& source)
      : data_(data), layout_(layout), log_(log), source_(source), reader_(data / "plays.parquet", columns(!source.empty())) {
    if (reader_.rows() != log.plays()) foreign();
  }

  void run() {
    std::vector<int64_t> start{0};  // row of the file at which each group begins
    for (int g = 0; g < reader_.groups(); ++g) start.push_back(start.back() + reader_.rows(g));
    std::atomic<int> next{0};
    parallel_for(threads(), [&](int64_t) {
      Table room;
      for (int g = next++; g < reader_.groups(); g = next++) {
        reader_.read(g, room);
        take(room, start[static_cast<size_t>(g)]);
      }
    });
  }

 private:
  static std::vector<std::string> columns(bool with_source) {
    std::vector<std::string> all{"listener", "start_ms", "spelling", "played_ms", "duplicate"};
    if (with_source) all.emplace_back("source");
    return all;
  }

  [[noreturn]] void foreign() const { throw Error("{}: listeners.parquet and plays.parquet do not belong together", data_.string()); }

  void take(Table& group, int64_t start) {
    const auto& who = values<int32_t>(group, "listener");
    const auto n = std::ssize(who);
    for (int64_t row = 0; row < n;) {
      const auto u = static_cast<size_t>(std::upper_bound(layout_.first.begin(), layout_.first.end(), start + row) -
                                         layout_.first.begin() - 1);
      const int64_t end = std::min(n, layout_.first[u + 1] - start);
      if (std::count(who.begin() + row, who.begin() + end, static_cast<int32_t>(u)) != end - row) foreign();
      copy(group, static_cast<size_t>(row), static_cast<size_t>(end),
           static_cast<size_t>(layout_.place[u] + start + row - layout_.first[u]));
      row = end;
    }
  }

  /// Rows [from, end) of a group to the plays from `at` on.
  void copy(Table& group, size_t from, size_t end, size_t at) {
    const auto& start = values<int64_t>(group, "start_ms");
    const auto& spelling = values<int32_t>(group, "spelling");
    const auto& duplicate = values<uint8_t>(group, "duplicate");
    const auto run = [&](const auto& column, auto& into) {
      std::transform(column.begin() + static_cast<std::ptrdiff_t>(from), column.begin() + static_cast<std::ptrdiff_t>(end),
                     into.begin() + static_cast<std::ptrdiff_t>(at),
                     [](auto value) { return static_cast<typename std::decay_t<decltype(into)>::value_type>(value); });
    };
    run(start, log_.time_ms);
    run(spelling, log_.spelling);
    run(duplicate, log_.duplicate);
    if (!source_.empty()) run(values<int32_t>(group, "source"), source_);

    const auto& played = values<int32_t>(group, "played_ms");
    const auto& is_known = known(group, "played_ms");
    const auto known_end = is_known.begin() + static_cast<std::ptrdiff_t>(is_known.empty() ? 0 : end);
    if (!is_known.empty() && std::find(is_known.begin() + static_cast<std::ptrdiff_t>(from), known_end, 1) == known_end) return;
    std::call_once(any_played_, [&] { log_.played_ms.assign(log_.time_ms.size(), -1); });
    for (size_t i = from; i < end; ++i) {
      if (!is_known.empty() && !is_known[i]) continue;
      log_.played_ms[at + i - from] = played[i];
      log_.time_ms[at + i - from] += std::max(played[i], 0);
    }
  }

  const Path& data_;
  const Layout& layout_;
  RawLog& log_;
  std::vector<uint16_t>& source_;
  TableReader reader_;
  std::once_flag any_played_;
};

/// Puts plays of one listener and one time into the order that is asked for.
class TieBreaker {
 public:
  /// source: [plays], or empty where there is one source.
  TieBreaker(const std::vector<SourceReport>& sources, TieOrder ties, const TrackKeys& keys, RawLog& log,
             const std::vector<uint16_t>& source)
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
    parallel_for(std::ssize(log_.listeners), [&](int64_t who) {
      const auto u = static_cast<size_t>(who);
      const auto end = static_cast<size_t>(log_.first[u + 1]);
      for (size_t begin = static_cast<size_t>(log_.first[u]), stop = begin; begin < end; begin = stop) {
        while (stop < end && log_.time_ms[stop] == log_.time_ms[begin]) ++stop;
        if (stop - begin > 1) reorder(begin, stop);
      }
    });
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
    std::vector<size_t> order(end - begin);
    std::iota(order.begin(), order.end(), begin);
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return rank(a) < rank(b); });
    apply(order, log_.spelling, begin);
    apply(order, log_.duplicate, begin);
    if (!log_.played_ms.empty()) apply(order, log_.played_ms, begin);
    const auto flag = log_.duplicate.begin();
    if (std::count(flag + static_cast<std::ptrdiff_t>(begin), flag + static_cast<std::ptrdiff_t>(end), 1) > 0) flag_again(order, begin);
  }

  /// Of equal rows the first in the order asked for are the plays, as many as there were: the import flagged by the
  /// order of the log.
  void flag_again(const std::vector<size_t>& order, size_t begin) {
    std::map<std::tuple<int32_t, int32_t, int32_t>, int64_t> live;
    const auto key = [&](size_t k) {
      const int32_t played = log_.played_ms.empty() ? -1 : log_.played_ms[begin + k];
      return std::tuple(keys_.pair_of(log_.spelling[begin + k]), played, source_of(order[k]));
    };
    for (size_t k = 0; k < order.size(); ++k) live[key(k)] += !log_.duplicate[begin + k];
    for (size_t k = 0; k < order.size(); ++k) log_.duplicate[begin + k] = live[key(k)]-- <= 0;
  }

  template <class T>
  static void apply(const std::vector<size_t>& order, std::vector<T>& column, size_t begin) {
    std::vector<T> moved;
    for (const size_t i : order) moved.push_back(column[i]);
    std::copy(moved.begin(), moved.end(), column.begin() + static_cast<std::ptrdiff_t>(begin));
  }

  TieOrder ties_;
  const TrackKeys& keys_;
  RawLog& log_;
  const std::vector<uint16_t>& source_;
  std::vector<bool> newest_first_;
  std::vector<int32_t> byte_rank_;
};

}  // namespace

void RawLog::keep_first(const std::vector<int64_t>& left) {
  size_t to = 0;
  for (size_t u = 0; u < listeners.size(); ++u) {
    const auto begin = static_cast<size_t>(first[u]);
    first[u] = static_cast<int64_t>(to);
    for (size_t i = begin; i < begin + static_cast<size_t>(left[u]); ++i) move(i, to++);
  }
  first.back() = static_cast<int64_t>(to);
  resize(to);
}

TieOrder tie_order(const std::string& name) {
  if (name == "reverse") return TieOrder::reverse;
  if (name == "file") return TieOrder::file;
  return name == "key" ? TieOrder::key : TieOrder::as_written;
}

ReadLog read_log(const Path& data, TieOrder ties, bool raw_keys) {
  auto keys = std::async(threads() > 1 ? std::launch::async : std::launch::deferred, [&] { return TrackKeys(data, raw_keys); });
  const auto sources = load_sources(data);
  RawLog log;
  const Layout layout = lay_out(data, log);
  std::vector<uint16_t> source(sources.size() > 1 ? log.time_ms.size() : 0);
  Filler(data, layout, log, source).run();
  ReadLog read{keys.get(), std::move(log)};
  TieBreaker(sources, ties, read.keys, read.log, source).run();
  return read;
}

}  // namespace segue
