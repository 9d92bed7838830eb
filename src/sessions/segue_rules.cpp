#include "sessions/segue_rules.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "sessions/core_set.h"
#include "sessions/counts.h"
#include "sessions/digest.h"
#include "sessions/lay_out.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

class SegueRules {
 public:
  SegueRules(RawLog raw, const TrackKeys& keys, const Protocol& protocol, bool hashes)
      : raw_(std::move(raw)), keys_(keys), rules_(protocol.sessions), own_(protocol.split.cut == "own"), hashes_(hashes) {
    out_.protocol = protocol;
  }

  Prepared run(Json first_step, const LengthTable& lengths, int64_t since_ms, int64_t until_ms) {
    first_step.update(count_rows(raw_, keys_, {}));
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
    describe_split();
    ask(Part::val, out_.val);
    ask(Part::test, out_.test);
    return std::move(out_);
  }

 private:
  Json& step(const char* name) { return out_.steps[name]; }
  size_t users() const { return raw_.listeners.size(); }
  size_t begin(size_t u) const { return static_cast<size_t>(raw_.first[u]); }
  size_t end(size_t u) const { return static_cast<size_t>(raw_.first[u + 1]); }
  size_t track(size_t i) const { return static_cast<size_t>(track_[i]); }
  bool has_next(size_t u, size_t i) const { return i + 1 < end(u) && session_[i + 1] == session_[i]; }
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
    step("C2_flags")["live"] = count_rows(raw_, keys_, {});
  }

  void number_tracks() {
    std::vector<uint8_t> used(static_cast<size_t>(keys_.count()));
    for (const int32_t s : raw_.spelling) used[static_cast<size_t>(keys_.of(s))] = 1;
    std::vector<int32_t> kept;
    for (size_t k = 0; k < used.size(); ++k) {
      if (used[k]) kept.push_back(static_cast<int32_t>(k));
    }
    kept = keys_.in_catalogue_order(std::move(kept));
    std::vector<int32_t> number(used.size(), -1);
    for (size_t i = 0; i < kept.size(); ++i) number[static_cast<size_t>(kept[i])] = static_cast<int32_t>(i);
    for (const int32_t s : raw_.spelling) track_.push_back(number[static_cast<size_t>(keys_.of(s))]);
    describe_tracks(out_, keys_, kept);
    if (!hashes_) return;
    const auto sorted = keys_.sorted_by_text(kept);
    byte_rank_.resize(kept.size());
    for (size_t i = 0; i < sorted.size(); ++i) {
      byte_rank_[static_cast<size_t>(number[static_cast<size_t>(sorted[i])])] = static_cast<int32_t>(i);
      texts_.push_back(keys_.text(sorted[i]));
    }
  }

  void cut_sessions() {  // C3
    session_ = number_sessions(raw_, rules_.gap_s);
    step("C3_sessions") = count_rows(raw_, keys_, session_);
    if (hashes_) step("C3_sessions")["sha256"] = hash([](size_t, size_t) { return true; });
  }

  void flag() {  // C4 and the seconds of C5
    const size_t n = out_.key.size();
    place_.resize(session_.size());
    repeat_.resize(session_.size());
    std::vector<int64_t> session_of(n, -1), user_of(n, -1);
    std::vector<int64_t> seconds;
    int64_t last = 0, beyond = 0, in_session = 0, of_user = 0;
    for (size_t u = 0; u < users(); ++u) {
      for (size_t i = begin(u); i < end(u); ++i) {
        place_[i] = i > begin(u) && session_[i] == session_[i - 1] ? place_[i - 1] + 1 : 1;
        const int64_t here = static_cast<int64_t>(u) << 32 | session_[i];
        in_session += std::exchange(session_of[track(i)], here) == here;
        repeat_[i] = std::exchange(user_of[track(i)], static_cast<int64_t>(u)) == static_cast<int64_t>(u);
        of_user += repeat_[i];
        beyond += place_[i] > rules_.cap;
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
        cut_.push_back(cutoffs_of({raw_.time_ms.begin() + raw_.first[u], raw_.time_ms.begin() + raw_.first[u + 1]}));
        if (end(u) == begin(u)) continue;
        val_minutes += cut_[u].val / 60'000;
        test_minutes += cut_[u].test / 60'000;
      }
      step("C6_cutoffs") = {{"sum_minutes", {{"val", val_minutes}, {"test", test_minutes}}}};
    } else {
      cut_.assign(users(), cutoffs_of(raw_.time_ms));
      step("C6_cutoffs") = describe(cut_.front());
      require_overlap();
    }
    part_.resize(raw_.time_ms.size());
    for (size_t u = 0; u < users(); ++u) {
      for (size_t i = begin(u); i < end(u); ++i) {
        part_[i] = raw_.time_ms[i] <= cut_[u].val ? Part::fit : raw_.time_ms[i] <= cut_[u].test ? Part::val : Part::test;
      }
    }
  }

  void require_overlap() const {
    int64_t listeners = 0, both = 0;
    for (size_t u = 0; u < users(); ++u) {
      if (begin(u) == end(u)) continue;
      ++listeners;
      both += raw_.time_ms[begin(u)] <= cut_[u].test && raw_.time_ms[end(u) - 1] > cut_[u].test;
    }
    if (static_cast<double>(both) < out_.protocol.split.min_overlap * static_cast<double>(listeners)) {
      throw Error("protocol '{}': one cut for all ({}) leaves only {} of {} listeners with plays on both sides; these logs are of "
                  "different years, use --protocol segue-own",
                  out_.protocol.name, iso(cut_.front().test), both, listeners);
    }
  }

  void find_core() {  // C7
    core_ = core_set(raw_.first, track_, session_, part_, static_cast<int32_t>(out_.key.size()), rules_);
    step("C7_core") = {{"users", core_.users}, {"tracks", core_.tracks}, {"rows", core_.rows}};
    if (core_.users == 0 || core_.rows == 0) {
      throw Error("protocol '{}' leaves nothing before the cut: it wants listeners with {} plays and {} sessions of {} tracks, and "
                  "tracks with {} plays; {}, or smaller sessions.min_user, min_sessions, session, min_track",
                  out_.protocol.name, rules_.min_user, rules_.min_sessions, rules_.session, rules_.min_track, own_ ? "a longer log would do" : "--protocol segue-own asks for less");
    }
  }

  void complete(const LengthTable& table) {  // C5
    const auto length = track_lengths(table, keys_, raw_, track_, part_, out_.key.size());
    completion_.assign(track_.size(), 0);
    kind_.assign(track_.size(), CompletionKind::unknown);
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
    out["kinds"] = {{"real", real.size()}, {"inferred", inferred.size()}, {"unknown", track_.size() - real.size() - inferred.size()}};
    if (!inferred.empty()) {
      out["short"] = std::count_if(inferred.begin(), inferred.end(), [](double r) { return r < 0.5; });
      out["ratio"] = describe_ratios(std::move(inferred), raw_.plays());
    }
    if (!real.empty()) out["real"] = describe_ratios(std::move(real), raw_.plays());
  }

  void fill_log() {
    Log& log = out_.log;
    log.tracks = static_cast<int64_t>(out_.key.size());
    log.in_catalogue = core_.track;
    log.first = {0};
    for (size_t u = 0; u < users(); ++u) {
      if (!core_.user[u] || begin(u) == end(u)) continue;
      log.listeners.push_back(raw_.listeners[u]);
      for (size_t i = begin(u); i < end(u); ++i) {
        log.track.push_back(track_[i]);
        log.start_ms.push_back(raw_.start_ms(i));
        log.moment_ms.push_back(raw_.time_ms[i]);
        log.opens.push_back(place_[i] == 1);
        log.part.push_back(part_[i]);
        log.completion.push_back(completion_[i]);
        log.completion_kind.push_back(kind_[i]);
        out_.session.push_back(session_[i]);
      }
      log.first.push_back(log.plays());
    }
    cut_gate(log, own_);
  }

  template <class Use>
  std::string hash(const Use& use) const {
    std::vector<DigestRow> rows;
    for (size_t u = 0; u < users(); ++u) {
      for (size_t i = begin(u); i < end(u); ++i) {
        if (use(u, i)) rows.push_back({static_cast<int32_t>(u), floor_seconds(raw_.time_ms[i]), session_[i], byte_rank_[track(i)]});
      }
    }
    return digest(std::move(rows), raw_.listeners, texts_);
  }

  /// The first live play of each track by anyone: a track is cold where that lies after the cut.
  std::vector<int64_t> first_plays() const {
    std::vector<int64_t> first(out_.key.size(), INT64_MAX);
    for (size_t i = 0; i < track_.size(); ++i) first[track(i)] = std::min(first[track(i)], raw_.time_ms[i]);
    return first;
  }

  void describe_split() {  // C8-C10
    std::vector<uint8_t> seen(out_.key.size());
    int64_t rows = 0, listeners = 0, tracks = 0, sessions = 0, straddling = 0;
    for (size_t u = 0; u < users(); ++u) {
      if (!core_.user[u]) continue;
      listeners += end(u) > begin(u);
      for (size_t i = begin(u); i < end(u); ++i) {
        ++rows;
        tracks += !std::exchange(seen[track(i)], 1);
        sessions += place_[i] == 1;
      }
      for (size_t i = begin(u), stop = i; i < end(u); i = stop) {
        while (stop < end(u) && session_[stop] == session_[i]) ++stop;
        straddling += part_[i] != part_[stop - 1];
      }
    }
    step("C8_kept") = {{"rows", rows}, {"users", listeners}, {"tracks", tracks}, {"sessions", sessions}};
    if (hashes_) step("C8_kept")["sha256"] = hash([&](size_t u, size_t) { return core_.user[u] != 0; });
    const auto first = first_plays();
    for (const auto& [name, part] : {std::pair{"train", Part::fit}, {"val", Part::val}, {"test", Part::test}}) {
      step("C9_split")[name] = describe_part(part, first);
    }
    step("C9_split")["straddling_sessions"] = straddling;
  }

  Json describe_part(Part part, const std::vector<int64_t>& first) const {
    std::vector<uint8_t> seen(out_.key.size());
    int64_t rows = 0, listeners = 0, tracks = 0, in_catalogue = 0, cold_rows = 0;
    int64_t targets = 0, repeats = 0, novel = 0, cold_targets = 0;
    for (size_t u = 0; u < users(); ++u) {
      if (!core_.user[u]) continue;
      const int64_t before = rows;
      for (size_t i = begin(u); i < end(u); ++i) {
        if (part_[i] != part) continue;
        const bool cold = first[track(i)] > (part == Part::val ? cut_[u].val : cut_[u].test);
        ++rows;
        tracks += !std::exchange(seen[track(i)], 1);
        in_catalogue += core_.track[track(i)];
        cold_rows += cold;
        if (place_[i] == 1 || place_[i] > rules_.cap) continue;
        ++targets;
        repeats += repeat_[i];
        novel += !repeat_[i] && !cold;
        cold_targets += !repeat_[i] && cold;
      }
      listeners += rows > before;
    }
    Json out{{"rows", rows}, {"users", listeners}, {"tracks", tracks}, {"in_catalogue", in_catalogue}};
    if (part != Part::fit) {
      out["cold_rows"] = cold_rows;
      out["targets"] = {{"all", targets}, {"repeat", repeats}, {"novel", novel}, {"cold", cold_targets}};
    }
    if (hashes_ && rows > 0) out["sha256"] = hash([&](size_t u, size_t i) { return core_.user[u] && part_[i] == part; });
    return out;
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

  RawLog raw_;
  const TrackKeys& keys_;
  const Protocol::Sessions rules_;
  bool own_, hashes_;
  Prepared out_;
  // One entry per live play.
  std::vector<int32_t> track_, session_, place_;
  std::vector<uint8_t> repeat_;
  std::vector<Part> part_;
  std::vector<float> completion_;
  std::vector<CompletionKind> kind_;
  std::vector<Cutoffs> cut_;  // [U]
  CoreSet core_;
  std::vector<int32_t> byte_rank_;  // [N] place of the track's key among the sorted texts, for hashes
  std::vector<std::string> texts_;
};

}  // namespace

Prepared prepare_segue(RawLog raw, const TrackKeys& keys, const LengthTable& lengths, const Protocol& protocol, int64_t since_ms,
                       int64_t until_ms, Json first_step, bool hashes) {
  return SegueRules(std::move(raw), keys, protocol, hashes).run(std::move(first_step), lengths, since_ms, until_ms);
}

}  // namespace segue
