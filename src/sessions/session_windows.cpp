#include "sessions/session_windows.h"

#include <algorithm>

#include "core/error.h"
#include "sessions/lay_out.h"
#include "sessions/preparation.h"

namespace segue {
namespace {

class SessionWindows : Preparation {
 public:
  using Preparation::Preparation;

  Prepared run(Json first_step) {
    first_step.update(count());
    step("W1_read") = first_step;
    keep_tracks_with_id(raw_, keys_, out_.protocol);
    step("W1_with_id") = count();
    session_ = number_sessions(raw_, rules_.gap_s);
    step("W2_sessions") = count(session_);
    keep_window();
    filter_until_stable();
    if (raw_.plays() == 0) {
      throw Error(
          "protocol '{}': in window {} of {} days after the first {} no listener has {} sessions of {} to {} plays; "
          "set split.window, split.skip_days, split.window_days",
          out_.protocol.name, split_.window, split_.window_days, split_.skip_days, rules_.min_sessions, rules_.session,
          rules_.max_session);
    }
    part_by_session();
    clean_test();
    fill();
    ask(Part::val, out_.val);
    ask(Part::test, out_.test);
    return std::move(out_);
  }

 private:
  /// Calls visit(listener, begin, end) for the plays of every session.
  template <class Visit>
  void for_each_session(const Visit& visit) const {
    for (size_t u = 0; u < users(); ++u) {
      for (size_t i = begin(u), stop = i; i < end(u); i = stop) {
        while (stop < end(u) && session_[stop] == session_[i]) ++stop;
        visit(u, i, stop);
      }
    }
  }

  template <class T>
  static void fill_range(std::vector<T>& values, size_t from, size_t to, T value) {
    std::fill(values.begin() + static_cast<std::ptrdiff_t>(from), values.begin() + static_cast<std::ptrdiff_t>(to), value);
  }

  /// Leaves the sessions with keep(first play, play after its last).
  template <class Keep>
  void filter_sessions(const Keep& keep) {
    std::vector<uint8_t> stays(session_.size());
    for_each_session([&](size_t, size_t from, size_t to) { fill_range(stays, from, to, static_cast<uint8_t>(keep(from, to))); });
    filter(raw_, session_, [&](size_t, size_t i) { return stays[i] != 0; });
  }

  void keep_window() {  // W3
    constexpr int64_t day_ms = 86'400'000;
    const int64_t origin = *std::min_element(raw_.time_ms.begin(), raw_.time_ms.end());
    const int64_t from = origin + (split_.skip_days + (split_.window - 1) * split_.window_days) * day_ms;
    const int64_t to = from + split_.window_days * day_ms;
    filter_sessions([&](size_t, size_t stop) { return raw_.time_ms[stop - 1] >= from && raw_.time_ms[stop - 1] <= to; });
    step("W3_window") = count(session_);
    step("W3_window")["from"] = iso(from);
    step("W3_window")["to"] = iso(to);
  }

  void filter_until_stable() {  // W4
    int64_t rounds = 0, before = -1;
    for (; before != raw_.plays(); ++rounds) {
      before = raw_.plays();
      const auto plays = plays_of_keys();
      filter(raw_, session_, [&](size_t, size_t i) { return plays[key(i)] >= rules_.min_track; });
      filter_sessions([&](size_t from, size_t to) {
        const auto size = static_cast<int64_t>(to - from);
        return size >= rules_.session && size <= rules_.max_session;
      });
      std::vector<int64_t> sessions(users());
      for_each_session([&](size_t u, size_t, size_t) { ++sessions[u]; });
      filter(raw_, session_, [&](size_t u, size_t) { return sessions[u] >= rules_.min_sessions; });
    }
    step("W4_filtered") = count(session_);
    step("W4_filtered")["rounds"] = rounds - 1;  // the last changed nothing
  }

  void part_by_session() {  // W5
    part_.assign(session_.size(), Part::fit);
    std::vector<std::pair<size_t, size_t>> last(users()), before(users());
    for_each_session([&](size_t u, size_t from, size_t to) { before[u] = std::exchange(last[u], {from, to}); });
    for (size_t u = 0; u < users(); ++u) {
      fill_range(part_, before[u].first, before[u].second, Part::val);
      fill_range(part_, last[u].first, last[u].second, Part::test);
    }
  }

  void drop(const std::vector<uint8_t>& goes) {
    size_t to = 0;
    for (size_t i = 0; i < part_.size(); ++i) {
      if (!goes[i]) part_[to++] = part_[i];
    }
    part_.resize(to);
    filter(raw_, session_, [&](size_t, size_t i) { return !goes[i]; });
  }

  void clean_test() {
    ranked_.assign(static_cast<size_t>(keys_.count()), 0);
    for (size_t i = 0; i < part_.size(); ++i) {
      if (part_[i] != Part::test) ranked_[key(i)] = 1;
    }
    std::vector<uint8_t> goes(part_.size());
    for (size_t i = 0; i < part_.size(); ++i) goes[i] = part_[i] == Part::test && !ranked_[key(i)];
    drop(goes);
    goes.assign(part_.size(), 0);
    for_each_session([&](size_t, size_t from, size_t to) {
      const bool is_short = part_[from] == Part::test && static_cast<int64_t>(to - from) < rules_.session;
      fill_range(goes, from, to, static_cast<uint8_t>(is_short));
    });
    drop(goes);
    step("W5_cleaned") = count(session_);
  }

  void fill() {
    const auto kept = lay_out(out_, raw_, keys_, session_, part_);
    for (size_t t = 0; t < kept.size(); ++t) out_.log.in_catalogue[t] = ranked_[static_cast<size_t>(kept[t])];
    cut_gate(out_.log, true);
  }

  void ask(Part part, std::vector<Case>& cases) {  // W6
    const Log& log = out_.log;
    int64_t sessions = 0;
    for (size_t u = 0; u < log.listeners.size(); ++u) {
      for (int64_t i = log.first[u]; i < log.first[u + 1]; ++i) {
        if (log.part[static_cast<size_t>(i)] != part) continue;
        if (log.opens[static_cast<size_t>(i)]) ++sessions;
        else cases.push_back({static_cast<int32_t>(u), i, i});
      }
    }
    step("W6_cases")[part == Part::val ? "val" : "test"] = {{"sessions", sessions}, {"asked", cases.size()}};
  }

  std::vector<int32_t> session_;  // [plays]
  std::vector<Part> part_;        // [plays]
  std::vector<uint8_t> ranked_;   // [keys]
};

}  // namespace

Prepared prepare_session_windows(RawLog raw, const TrackKeys& keys, const Protocol& protocol, nlohmann::ordered_json first_step) {
  return SessionWindows(std::move(raw), keys, protocol).run(std::move(first_step));
}

}  // namespace segue
