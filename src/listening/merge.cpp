#include "listening/merge.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "listening/free_places.h"

namespace segue {
namespace {

constexpr auto in_order = [](const PlayRow& a, const PlayRow& b) {
  return std::tuple(a.moment_ms(), a.source, a.row) < std::tuple(b.moment_ms(), b.source, b.row);
};

/// Most logs come in order, or newest first: then the rows of one moment are all that is left to turn round.
void sort_rows(std::vector<PlayRow>& rows) {
  if (std::is_sorted(rows.begin(), rows.end(), in_order)) return;
  const auto later = [](const PlayRow& a, const PlayRow& b) { return a.moment_ms() > b.moment_ms(); };
  if (std::is_sorted(rows.begin(), rows.end(), later)) {
    std::reverse(rows.begin(), rows.end());
    for (auto begin = rows.begin(); begin != rows.end();) {
      const auto end = std::find_if(begin, rows.end(), [&](const PlayRow& row) { return row.moment_ms() != begin->moment_ms(); });
      std::reverse(begin, end);
      begin = end;
    }
    if (std::is_sorted(rows.begin(), rows.end(), in_order)) return;
  }
  std::sort(rows.begin(), rows.end(), in_order);
}

/// The rows stand by moment; those of one moment are compared through a sort, so that a log stamped all alike does no harm.
void flag_duplicates(std::vector<PlayRow>& rows, const std::vector<int32_t>& identity) {
  const auto key = [&](uint32_t i) {
    return std::tuple(rows[i].start_ms, rows[i].played_ms, identity[static_cast<size_t>(rows[i].spelling)]);
  };
  std::vector<uint32_t> run;
  for (uint32_t begin = 0, end = 0; begin < rows.size(); begin = end) {
    while (end < rows.size() && rows[end].moment_ms() == rows[begin].moment_ms()) ++end;
    if (end - begin < 2) continue;
    run.resize(end - begin);
    std::iota(run.begin(), run.end(), begin);
    std::sort(run.begin(), run.end(), [&](uint32_t a, uint32_t b) { return std::tuple(key(a), a) < std::tuple(key(b), b); });
    for (size_t i = 1; i < run.size(); ++i) rows[run[i]].duplicate = key(run[i]) == key(run[i - 1]);
  }
}

constexpr uint32_t nobody = ~0u;

/// Finds each new row its old one. Both sides are looked at in the order of (track, start, played time, row).
class Matcher {
 public:
  Matcher(const std::vector<PlayRow>& old, const std::vector<PlayRow>& fresh, const std::vector<int32_t>& track)
      : old_(old), fresh_(fresh), track_(track), match_(fresh.size(), nobody) {}

  /// [fresh] number of the old row, or nobody.
  std::vector<uint32_t> match() {
    auto left = sorted(old_), right = sorted(fresh_);
    match_equal(left, right);
    match_near(left, right);
    return std::move(match_);
  }

 private:
  using Key = std::tuple<int32_t, int64_t, int32_t>;
  Key key(const PlayRow& row) const { return {track_[static_cast<size_t>(row.spelling)], row.start_ms, row.played_ms}; }

  std::vector<uint32_t> sorted(const std::vector<PlayRow>& rows) const {
    std::vector<uint32_t> order(rows.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      return std::tuple(key(rows[a]), rows[a].row) < std::tuple(key(rows[b]), rows[b].row);
    });
    return order;
  }

  /// Leaves in both lists what found no equal.
  void match_equal(std::vector<uint32_t>& left, std::vector<uint32_t>& right) {
    std::vector<uint32_t> left_over, right_over;
    size_t l = 0;
    for (const uint32_t i : right) {
      while (l < left.size() && key(old_[left[l]]) < key(fresh_[i])) left_over.push_back(left[l++]);
      if (l < left.size() && key(old_[left[l]]) == key(fresh_[i])) match_[i] = left[l++];
      else right_over.push_back(i);
    }
    left_over.insert(left_over.end(), left.begin() + static_cast<std::ptrdiff_t>(l), left.end());
    left = std::move(left_over);
    right = std::move(right_over);
  }

  /// Old rows whose starts are equally uncertain, in order.
  struct Equals {
    int64_t error_ms;
    std::vector<size_t> places;  // in `left`
    FreePlaces free{0};
  };
  struct Near {
    int64_t distance = INT64_MAX;
    size_t place = 0;  // in `left`; of equal distances the first
    Equals* among = nullptr;
    size_t at = 0;  // in its places
  };

  /// Each error by itself, of which there are as many as sources have precisions: in one of them the nearest free row
  /// before or after decides, whatever thousands of others stand as near.
  void match_near(const std::vector<uint32_t>& left, const std::vector<uint32_t>& right) {
    if (left.empty() || right.empty()) return;
    std::map<uint16_t, Equals> by_error;
    for (size_t l = 0; l < left.size(); ++l) {
      const uint16_t error_s = old_[left[l]].start_error_s;
      by_error.try_emplace(error_s, Equals{int64_t{1000} * error_s, {}}).first->second.places.push_back(l);
    }
    for (auto& [error, equals] : by_error) equals.free = FreePlaces(equals.places.size());
    for (const uint32_t i : right) {
      Near best;
      for (auto& [error, equals] : by_error) look(left, fresh_[i], equals, best);
      if (best.among == nullptr) continue;
      best.among->free.take(best.at);
      match_[i] = left[best.place];
    }
  }

  void look(const std::vector<uint32_t>& left, const PlayRow& row, Equals& equals, Near& best) const {
    using Start = std::pair<int32_t, int64_t>;
    const auto start = [&](size_t place) {
      const PlayRow& other = old_[left[place]];
      return Start{track_[static_cast<size_t>(other.spelling)], other.start_ms};
    };
    const auto first_from = [&](const Start& wanted) {
      const auto at = std::partition_point(equals.places.begin(), equals.places.end(), [&](size_t p) { return start(p) < wanted; });
      return static_cast<size_t>(at - equals.places.begin());
    };
    const Start own{track_[static_cast<size_t>(row.spelling)], row.start_ms};
    const int64_t allowed = std::max(int64_t{1000} * row.start_error_s, equals.error_ms);
    const auto offer = [&](size_t at) {
      if (at >= equals.places.size()) return;
      const auto [track, start_ms] = start(equals.places[at]);
      const Near one{std::abs(start_ms - row.start_ms), equals.places[at], &equals, at};
      if (track != own.first || one.distance > allowed) return;
      if (std::pair(one.distance, one.place) < std::pair(best.distance, best.place)) best = one;
    };
    const size_t here = first_from(own);
    offer(equals.free.from(here));
    // Of those that start together the first is wanted, not the one next to `here`.
    if (const size_t end = equals.free.end_before(here); end > 0) offer(equals.free.from(first_from(start(equals.places[end - 1]))));
  }

  const std::vector<PlayRow>&old_, &fresh_;
  const std::vector<int32_t>& track_;
  std::vector<uint32_t> match_;
};

/// The old row with what the new one knows better. True if anything changed.
bool refine(PlayRow& old, const PlayRow& fresh) {
  const PlayRow before = old;
  if (fresh.start_error_s < old.start_error_s) {
    old.start_ms = fresh.start_ms;
    old.start_error_s = fresh.start_error_s;
  }
  if (old.played_ms < 0) old.played_ms = fresh.played_ms;
  if (old.reason_end == 0) old.reason_end = fresh.reason_end;
  if (old.skipped < 0) old.skipped = fresh.skipped;
  return before.start_ms != old.start_ms || before.start_error_s != old.start_error_s || before.played_ms != old.played_ms ||
         before.reason_end != old.reason_end || before.skipped != old.skipped;
}

void flag(MergeCounts::Flagged& flagged, const PlayRow& row) {
  if (flagged.count++ == 0 || row.row < flagged.row) flagged.row = row.row, flagged.spelling = row.spelling;
}

}  // namespace

MergeCounts merge_plays(std::vector<PlayRow>& old, std::vector<PlayRow> fresh, const std::vector<int32_t>& track,
                        const std::vector<int32_t>& identity) {
  MergeCounts counts;
  sort_rows(fresh);
  flag_duplicates(fresh, identity);
  if (!old.empty()) {
    const auto match = Matcher(old, fresh, track).match();
    size_t kept = 0;
    for (size_t i = 0; i < fresh.size(); ++i) {
      if (match[i] == nobody) {
        fresh[kept++] = fresh[i];
      } else {
        ++counts.already_known;
        counts.refined += refine(old[match[i]], fresh[i]);
      }
    }
    fresh.resize(kept);
  }
  counts.added = static_cast<int64_t>(fresh.size());
  for (const PlayRow& row : fresh) {
    if (row.duplicate) flag(counts.duplicate, row);
    if (row.mended) flag(counts.mended, row);
    if (row.odd_date) flag(counts.odd_date, row);
  }
  if (old.empty()) {
    old = std::move(fresh);
  } else if (!fresh.empty() || counts.refined > 0) {
    old.insert(old.end(), fresh.begin(), fresh.end());
    sort_rows(old);
  }
  return counts;
}

Overlap overlap(const std::vector<PlayRow>& old, const std::vector<PlayRow>& fresh, const std::vector<int32_t>& track) {
  constexpr int64_t error_ms = 120'000;  // both ends may be cut to the minute
  Overlap found;
  if (old.empty()) return found;
  for (const auto& row : fresh) {
    if (row.played_ms < 0 || row.start_ms < old.front().start_ms || row.start_ms > old.back().start_ms) continue;
    ++found.inside;
    auto at = std::upper_bound(old.begin(), old.end(), row.start_ms + error_ms,
                               [](int64_t time, const PlayRow& other) { return time < other.moment_ms(); });
    if (at == old.end() || at->played_ms < 0) continue;
    const int64_t common = std::min(row.moment_ms(), at->moment_ms()) - std::max(row.start_ms, at->start_ms);
    found.impossible += common > error_ms && track[static_cast<size_t>(at->spelling)] != track[static_cast<size_t>(row.spelling)];
  }
  return found;
}

}  // namespace segue
