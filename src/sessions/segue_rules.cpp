#include "sessions/segue_rules.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "sessions/lay_out.h"
#include "sessions/preparation.h"
#include "sessions/segue_split.h"

namespace segue {
namespace {

class SegueRules : Preparation {
 public:
  SegueRules(RawLog raw, const TrackKeys& keys, const Protocol& protocol, bool hashes)
      : Preparation(std::move(raw), keys, protocol), own_(protocol.split.cut == "own"), hashes_(hashes) {}

  Prepared run(Json first_step, const LengthTable& lengths, int64_t since_ms, int64_t until_ms) {
    first_step.update(count());
    step("C1_read") = first_step;
    keep_live(since_ms, until_ms);
    if (raw_.plays() == 0) throw Error("no play between {} and {}; set sessions.since and sessions.until", iso(since_ms), iso(until_ms));
    number_tracks();
    cut_sessions();
    flag();
    cut_off();
    find_core();
    complete(lengths);
    fill_log();
    describe_split(raw_, plays_, rules_.cap, out_.steps);
    ask(Part::val, out_.val);
    ask(Part::test, out_.test);
    return std::move(out_);
  }

 private:
  size_t track(size_t i) const { return static_cast<size_t>(plays_.track[i]); }
  bool has_next(size_t u, size_t i) const { return i + 1 < end(u) && plays_.session[i + 1] == plays_.session[i]; }
  int64_t listened_s(size_t i) const { return floor_seconds(raw_.start_ms(i + 1)) - floor_seconds(raw_.start_ms(i)); }

  void keep_live(int64_t since_ms, int64_t until_ms) {  // C2
    int64_t duplicate = 0, wrong_date = 0, both = 0;
    raw_.filter([&](size_t, size_t i) {
      const bool odd = raw_.time_ms[i] < since_ms || raw_.time_ms[i] >= until_ms;
      duplicate += raw_.duplicate[i];
      wrong_date += odd;
      both += odd && raw_.duplicate[i];
      return !odd && !raw_.duplicate[i];
    });
    step("C2_flags") = {{"duplicate", duplicate}, {"wrong_date", wrong_date}, {"both", both}};
    step("C2_flags")["live"] = count();
  }

  void number_tracks() {
    const auto kept = keys_.in_catalogue_order(used_keys(raw_, keys_));
    const auto number = places_in(kept, keys_.count());
    for (size_t i = 0; i < raw_.spelling.size(); ++i) plays_.track.push_back(number[key(i)]);
    describe_tracks(out_, keys_, kept);
    if (!hashes_) return;
    const auto sorted = keys_.sorted_by_text(kept);
    plays_.key_place.resize(kept.size());
    for (size_t i = 0; i < sorted.size(); ++i) {
      plays_.key_place[static_cast<size_t>(number[static_cast<size_t>(sorted[i])])] = static_cast<int32_t>(i);
      plays_.keys.emplace_back(keys_.text(sorted[i]));
    }
  }

  void cut_sessions() {  // C3
    plays_.session = number_sessions(raw_, rules_.gap_s);
    step("C3_sessions") = count(plays_.session);
    if (hashes_) step("C3_sessions")["sha256"] = hash_plays(raw_, plays_, [](size_t, size_t) { return true; });
  }

  void flag() {  // C4 and the seconds of C5
    const size_t n = out_.key.size();
    plays_.place.resize(plays_.session.size());
    plays_.repeat.resize(plays_.session.size());
    std::vector<int64_t> session_of(n, -1), user_of(n, -1);
    std::vector<int64_t> seconds;
    int64_t last = 0, beyond = 0, in_session = 0, of_user = 0;
    for (size_t u = 0; u < users(); ++u) {
      for (size_t i = begin(u); i < end(u); ++i) {
        plays_.place[i] = i > begin(u) && plays_.session[i] == plays_.session[i - 1] ? plays_.place[i - 1] + 1 : 1;
        const int64_t here = static_cast<int64_t>(u) << 32 | plays_.session[i];
        in_session += std::exchange(session_of[track(i)], here) == here;
        plays_.repeat[i] = std::exchange(user_of[track(i)], static_cast<int64_t>(u)) == static_cast<int64_t>(u);
        of_user += plays_.repeat[i];
        beyond += plays_.place[i] > rules_.cap;
        if (has_next(u, i)) seconds.push_back(listened_s(i));
        else ++last;
      }
    }
    step("C4_flags") = {{"last_in_session", last}, {"beyond_cap", beyond}, {"repeat_in_session", in_session}, {"repeat_of_user", of_user}};
    const auto tied = std::count(seconds.begin(), seconds.end(), 0);
    step("C5_completion")["listened"] = describe_listened(std::move(seconds), raw_.plays());
    step("C5_completion")["tied"] = tied;
  }

  void cut_off() {  // C6
    if (own_) {
      int64_t val_minutes = 0, test_minutes = 0;
      for (size_t u = 0; u < users(); ++u) {
        plays_.cut.push_back(cutoffs_of({raw_.time_ms.begin() + raw_.first[u], raw_.time_ms.begin() + raw_.first[u + 1]}));
        if (end(u) == begin(u)) continue;
        val_minutes += plays_.cut[u].val / 60'000;
        test_minutes += plays_.cut[u].test / 60'000;
      }
      step("C6_cutoffs") = {{"sum_minutes", {{"val", val_minutes}, {"test", test_minutes}}}};
    } else {
      plays_.cut.assign(users(), cutoffs_of(raw_.time_ms));
      step("C6_cutoffs") = describe(plays_.cut.front());
      require_overlap();
    }
    plays_.part.resize(raw_.time_ms.size());
    for (size_t u = 0; u < users(); ++u) {
      for (size_t i = begin(u); i < end(u); ++i) {
        plays_.part[i] = raw_.time_ms[i] <= plays_.cut[u].val ? Part::fit : raw_.time_ms[i] <= plays_.cut[u].test ? Part::val : Part::test;
      }
    }
  }

  void require_overlap() const {
    int64_t listeners = 0, both = 0;
    for (size_t u = 0; u < users(); ++u) {
      if (begin(u) == end(u)) continue;
      ++listeners;
      both += raw_.time_ms[begin(u)] <= plays_.cut[u].test && raw_.time_ms[end(u) - 1] > plays_.cut[u].test;
    }
    if (static_cast<double>(both) < out_.protocol.split.min_overlap * static_cast<double>(listeners)) {
      throw Error("protocol '{}': one cut for all ({}) leaves only {} of {} listeners with plays on both sides; these logs are of "
                  "different years, use --protocol segue-own",
                  out_.protocol.name, iso(plays_.cut.front().test), both, listeners);
    }
  }

  void find_core() {  // C7
    plays_.core = core_set(raw_.first, plays_.track, plays_.session, plays_.part, static_cast<int32_t>(out_.key.size()), rules_);
    step("C7_core") = {{"users", plays_.core.users}, {"tracks", plays_.core.tracks}, {"rows", plays_.core.rows}};
    if (plays_.core.users == 0 || plays_.core.rows == 0) {
      throw Error(
          "protocol '{}' leaves nothing before the cut: it wants listeners with {} plays and {} sessions of {} tracks, and "
          "tracks with {} plays; {}, or smaller sessions.min_user, min_sessions, session, min_track",
          out_.protocol.name, rules_.min_user, rules_.min_sessions, rules_.session, rules_.min_track,
          own_ ? "a longer log would do" : "--protocol segue-own asks for less");
    }
  }

  void complete(const LengthTable& table) {  // C5
    const auto length = track_lengths(table, keys_, raw_, plays_.track, plays_.part, out_.key.size());
    completion_.assign(plays_.track.size(), 0);
    kind_.assign(plays_.track.size(), CompletionKind::unknown);
    std::vector<double> inferred, real;
    for (size_t u = 0; u < users(); ++u) {
      for (size_t i = begin(u); i < end(u); ++i) {
        const int64_t of_track = length[track(i)];
        if (of_track <= 0) continue;
        if (!raw_.played_ms.empty() && raw_.played_ms[i] >= 0) {
          real.push_back(static_cast<double>(raw_.played_ms[i]) / static_cast<double>(of_track));
          kind_[i] = CompletionKind::real;
          completion_[i] = static_cast<float>(real.back());
        } else if (has_next(u, i)) {
          inferred.push_back(inferred_ratio(listened_s(i), of_track));
          kind_[i] = CompletionKind::inferred;
          completion_[i] = static_cast<float>(inferred.back());
        }
      }
    }
    Json& out = step("C5_completion");
    out["kinds"] = {{"real", real.size()}, {"inferred", inferred.size()}, {"unknown", plays_.track.size() - real.size() - inferred.size()}};
    if (!inferred.empty()) {
      out["short"] = std::count_if(inferred.begin(), inferred.end(), [](double r) { return r < 0.5; });
      out["ratio"] = describe_ratios(std::move(inferred), raw_.plays());
    }
    if (!real.empty()) out["real"] = describe_ratios(std::move(real), raw_.plays());
  }

  void fill_log() {
    Log& log = out_.log;
    log.tracks = static_cast<int64_t>(out_.key.size());
    log.in_catalogue = plays_.core.track;
    log.first = {0};
    for (size_t u = 0; u < users(); ++u) {
      if (!plays_.core.user[u] || begin(u) == end(u)) continue;
      log.listeners.push_back(raw_.listeners[u]);
      for (size_t i = begin(u); i < end(u); ++i) {
        log.track.push_back(plays_.track[i]);
        log.start_ms.push_back(raw_.start_ms(i));
        log.moment_ms.push_back(raw_.time_ms[i]);
        log.opens.push_back(plays_.place[i] == 1);
        log.part.push_back(plays_.part[i]);
        log.completion.push_back(completion_[i]);
        log.completion_kind.push_back(kind_[i]);
        out_.session.push_back(plays_.session[i]);
      }
      log.first.push_back(log.plays());
    }
    cut_gate(log, own_);
  }

  void ask(Part part, std::vector<Case>& cases) const {
    const Log& log = out_.log;
    for (size_t u = 0; u < log.listeners.size(); ++u) {
      const auto from = log.part.begin() + log.first[u], to = log.part.begin() + log.first[u + 1];
      const auto [first, last] = std::equal_range(from, to, part);
      for (int64_t i = 0; i < last - first; ++i) {
        const int64_t target = first - log.part.begin() + i;
        if (is_case(i, last - first, out_.protocol.split.cases)) cases.push_back({static_cast<int32_t>(u), target, target});
      }
    }
  }

  bool own_, hashes_;
  MarkedPlays plays_;
  std::vector<float> completion_;     // [plays]
  std::vector<CompletionKind> kind_;  // [plays]
};

}  // namespace

Prepared prepare_segue(RawLog raw, const TrackKeys& keys, const LengthTable& lengths, const Protocol& protocol, int64_t since_ms,
                       int64_t until_ms, nlohmann::ordered_json first_step, bool hashes) {
  return SegueRules(std::move(raw), keys, protocol, hashes).run(std::move(first_step), lengths, since_ms, until_ms);
}

}  // namespace segue
