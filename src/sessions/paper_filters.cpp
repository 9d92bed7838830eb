#include "sessions/paper_filters.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "core/parallel.h"

namespace segue {
namespace {

/// What one thread counts and remembers; each has tables as long as the spellings.
struct Share {
  std::vector<int32_t> plays;    // [spellings] after P2
  std::vector<uint8_t> marks;    // [spellings] bits of the steps that left a play of it
  std::vector<int32_t> seen_in;  // [pairs] the last session with the pair, by a number that no other session has
  int32_t sessions = 0;          // so far
  std::vector<int32_t> session;  // of the plays of one listener
  std::array<Left, 9> step;
  int64_t tied = 0;
};

/// Two walks over the listeners, many at a time: the first counts tracks, the second takes each listener through all
/// steps while his plays are in the processor's cache.
class Filter {
 public:
  Filter(RawLog& raw, const TrackKeys& keys, const Protocol::Sessions& rules)
      : raw_(raw), keys_(keys), rules_(rules), left_(raw.listeners.size()), session_(raw.listeners.size()),
        shares_(static_cast<size_t>(std::min(threads(), most_shares))) {
    for (Share& share : shares_) {
      share.plays.resize(spellings());
      share.marks.resize(spellings());
    }
  }

  Filtered run() {
    each_listener([&](Share& share, size_t u) { count(share, u); });
    choose_tracks();
    each_listener([&](Share& share, size_t u) {
      share.seen_in.resize(static_cast<size_t>(keys_.pairs()), -1);
      drop_repeats(share, u);
      cut_sessions(share, u);
    });
    gather();
    return std::move(out_);
  }

 private:
  static constexpr int most_shares = 8;
  enum Mark : uint8_t { p1 = 1, p6 = 2, p7 = 4, p8 = 8 };

  size_t spellings() const { return keys_.spellings().artist.size(); }
  size_t begin(size_t u) const { return static_cast<size_t>(raw_.first[u]); }
  size_t end(size_t u) const { return static_cast<size_t>(raw_.first[u + 1]); }
  size_t spelling(size_t i) const { return static_cast<size_t>(raw_.spelling[i]); }
  bool is_busy(size_t u) const { return raw_.first[u + 1] - raw_.first[u] >= rules_.min_user; }  // P2

  template <class Walk>
  void each_listener(const Walk& walk) {
    std::atomic<size_t> next{0};
    parallel_for(std::ssize(shares_), [&](int64_t t) {
      for (size_t u = next++; u < raw_.listeners.size(); u = next++) walk(shares_[static_cast<size_t>(t)], u);
    });
  }

  static void add(Left& left, int64_t rows, int64_t sessions) {
    left.rows += rows;
    left.users += rows > 0;
    left.sessions += sessions;
  }

  void count(Share& share, size_t u) const {
    add(share.step[1], raw_.first[u + 1] - raw_.first[u], 0);
    if (!is_busy(u)) {
      for (size_t i = begin(u); i < end(u); ++i) share.marks[spelling(i)] |= p1;
      return;
    }
    add(share.step[2], raw_.first[u + 1] - raw_.first[u], 0);
    for (size_t i = begin(u); i < end(u); ++i) ++share.plays[spelling(i)];
  }

  /// Which spellings are of a track that is played often enough (P3).
  void choose_tracks() {
    std::vector<int64_t> plays(static_cast<size_t>(keys_.count()));
    std::vector<uint8_t> any(plays.size());
    for (size_t s = 0; s < spellings(); ++s) {
      const auto key = static_cast<size_t>(keys_.of(static_cast<int32_t>(s)));
      for (const Share& share : shares_) {
        plays[key] += share.plays[s];
        any[key] |= share.marks[s] & p1;
      }
    }
    for (size_t k = 0; k < plays.size(); ++k) {
      out_.step[1].tracks += any[k] || plays[k] > 0;
      out_.step[2].tracks += plays[k] > 0;
      out_.step[3].tracks += plays[k] > 0 && plays[k] >= rules_.min_track;
    }
    frequent_.resize(spellings());
    for (size_t s = 0; s < spellings(); ++s) {
      frequent_[s] = plays[static_cast<size_t>(keys_.of(static_cast<int32_t>(s)))] >= rules_.min_track;
    }
  }

  /// P3-P5. The plays that stay move to the listener's first places.
  void drop_repeats(Share& share, size_t u) {
    share.session.clear();
    if (!is_busy(u)) return;
    int32_t number = 0;
    int64_t rows = 0, last_ms = 0;
    size_t to = begin(u);
    for (size_t i = begin(u); i < end(u); ++i) {
      if (!frequent_[spelling(i)]) continue;
      const int64_t pause_ms = rows++ > 0 ? raw_.time_ms[i] - last_ms : INT64_MAX;
      last_ms = raw_.time_ms[i];
      share.tied += pause_ms == 0;
      if (pause_ms > 1000 * rules_.gap_s) {
        ++number;
        ++share.sessions;
      }
      if (std::exchange(share.seen_in[static_cast<size_t>(keys_.pair_of(raw_.spelling[i]))], share.sessions) == share.sessions) continue;
      share.session.push_back(number);
      raw_.move(i, to++);
    }
    for (const int step : {3, 4}) add(share.step[static_cast<size_t>(step)], rows, number);
    add(share.step[5], std::ssize(share.session), number);
  }

  /// P6-P8.
  void cut_sessions(Share& share, size_t u) {
    const auto& session = share.session;
    int64_t rows = 0, sessions = 0;
    size_t to = 0;
    for (size_t i = 0, stop = 0; i < session.size(); i = stop) {
      while (stop < session.size() && session[stop] == session[i]) ++stop;
      if (static_cast<int64_t>(stop - i) < rules_.session) continue;
      rows += static_cast<int64_t>(stop - i);
      ++sessions;
      for (size_t j = i; j < stop; ++j) {
        const bool stays = static_cast<int64_t>(j - i) < rules_.session;
        share.marks[spelling(begin(u) + j)] |= stays ? p6 | p7 : p6;
        if (!stays) continue;
        share.session[to] = session[j];
        raw_.move(begin(u) + j, begin(u) + to++);
      }
    }
    add(share.step[6], rows, sessions);
    add(share.step[7], static_cast<int64_t>(to), sessions);
    if (sessions < rules_.min_sessions) return;
    add(share.step[8], static_cast<int64_t>(to), sessions);
    for (size_t j = begin(u); j < begin(u) + to; ++j) share.marks[spelling(j)] |= p8;
    left_[u] = static_cast<int64_t>(to);
    session_[u].assign(session.begin(), session.begin() + static_cast<std::ptrdiff_t>(to));
  }

  void gather() {
    std::vector<uint8_t> marks(static_cast<size_t>(keys_.count()));
    for (const Share& share : shares_) {
      out_.tied += share.tied;
      for (size_t s = 0; s < spellings(); ++s) marks[static_cast<size_t>(keys_.of(static_cast<int32_t>(s)))] |= share.marks[s];
      for (size_t step = 1; step < share.step.size(); ++step) {
        out_.step[step].rows += share.step[step].rows;
        out_.step[step].users += share.step[step].users;
        out_.step[step].sessions += share.step[step].sessions;
      }
    }
    for (const int step : {4, 5}) out_.step[static_cast<size_t>(step)].tracks = out_.step[3].tracks;  // each is heard a first time
    for (const auto& [step, mark] : {std::pair{6, p6}, {7, p7}, {8, p8}}) {
      out_.step[static_cast<size_t>(step)].tracks =
          std::count_if(marks.begin(), marks.end(), [bit = mark](uint8_t m) { return (m & bit) != 0; });
    }
    raw_.keep_first(left_);
    out_.session.reserve(raw_.time_ms.size());
    for (const auto& of_listener : session_) out_.session.insert(out_.session.end(), of_listener.begin(), of_listener.end());
  }

  RawLog& raw_;
  const TrackKeys& keys_;
  const Protocol::Sessions& rules_;
  std::vector<int64_t> left_;                  // [listeners] plays
  std::vector<std::vector<int32_t>> session_;  // [listeners] of the plays left
  std::vector<uint8_t> frequent_;              // [spellings]
  std::vector<Share> shares_;
  Filtered out_;
};

}  // namespace

Filtered filter_paper(RawLog& raw, const TrackKeys& keys, const Protocol::Sessions& rules) { return Filter(raw, keys, rules).run(); }

}  // namespace segue
