#include "sessions/paper.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "core/python_random.h"
#include "sessions/counts.h"
#include "sessions/digest.h"
#include "sessions/lay_out.h"
#include "sessions/paper_cases.h"
#include "sessions/quantile.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

/// The steps in the order of the rules; each leaves its counts in `steps`.
class Paper {
 public:
  Paper(RawLog raw, const TrackKeys& keys, const Protocol& protocol, bool hashes)
      : raw_(std::move(raw)), keys_(keys), rules_(protocol.sessions), hashes_(hashes) {
    out_.protocol = protocol;
  }

  Prepared run(Json first_step, const LengthTable& lengths) {
    first_step.update(counts());
    step("P1_read") = first_step;
    filter_users();
    filter_tracks();
    if (raw_.plays() == 0) return refuse();
    cut_sessions();
    drop_repeats_in_session();
    keep_long_sessions();
    cut_to_first();
    keep_busy_users();
    if (raw_.plays() == 0) return refuse();
    number_items();
    split();
    describe_completion(lengths);
    return std::move(out_);
  }

 private:
  Json& step(const char* name) { return out_.steps[name]; }
  size_t users() const { return raw_.listeners.size(); }
  size_t begin(size_t u) const { return static_cast<size_t>(raw_.first[u]); }
  size_t end(size_t u) const { return static_cast<size_t>(raw_.first[u + 1]); }
  size_t key(size_t i) const { return static_cast<size_t>(keys_.of(raw_.spelling[i])); }
  Json counts() const { return count_rows(raw_, keys_, session_); }

  Prepared refuse() {
    throw Error("protocol 'paper' leaves nothing: no listener has {} plays and {} sessions of {} tracks here; "
                "try --protocol segue-own, or smaller sessions.min_user, sessions.min_sessions, sessions.session",
                rules_.min_user, rules_.min_sessions, rules_.session);
  }

  void filter_users() {  // P2
    const auto first = raw_.first;
    raw_.filter([&](size_t u, size_t) { return first[u + 1] - first[u] >= rules_.min_user; });
    step("P2_users") = counts();
  }

  void filter_tracks() {  // P3
    std::vector<int64_t> plays(static_cast<size_t>(keys_.count()));
    for (size_t i = 0; i < raw_.time_ms.size(); ++i) ++plays[key(i)];
    raw_.filter([&](size_t, size_t i) { return plays[key(i)] >= rules_.min_track; });
    step("P3_tracks") = counts();
  }

  void cut_sessions() {  // P4
    session_.resize(raw_.time_ms.size());
    int64_t tied = 0;
    for (size_t u = 0; u < users(); ++u) {
      int32_t number = 0;
      for (size_t i = begin(u); i < end(u); ++i) {
        const int64_t pause_ms = i > begin(u) ? raw_.time_ms[i] - raw_.time_ms[i - 1] : INT64_MAX;
        number += pause_ms > 1000 * rules_.gap_s;
        tied += pause_ms == 0;
        session_[i] = number;
      }
    }
    step("P4_sessions") = counts();
    step("P4_sessions")["rows_with_the_time_of_the_row_before"] = tied;
  }

  /// Filters the log and the sessions beside it.
  template <class Keep>
  void filter(const Keep& keep) {
    segue::filter(raw_, session_, keep);
  }

  void drop_repeats_in_session() {  // P5
    std::vector<int64_t> seen_in(static_cast<size_t>(keys_.pairs()), -1);
    filter([&](size_t u, size_t i) {
      int64_t& seen = seen_in[static_cast<size_t>(keys_.pair_of(raw_.spelling[i]))];
      const int64_t here = static_cast<int64_t>(u) << 32 | session_[i];
      return std::exchange(seen, here) != here;
    });
    step("P5_first_in_session") = counts();
  }

  /// [plays] rows of the session of each play, and the place of the play in it from 0.
  void measure_sessions() {
    size_.assign(session_.size(), 0);
    place_.assign(session_.size(), 0);
    for (size_t u = 0; u < users(); ++u) {
      for (size_t i = begin(u), stop = i; i < end(u); i = stop) {
        while (stop < end(u) && session_[stop] == session_[i]) ++stop;
        for (size_t j = i; j < stop; ++j) {
          size_[j] = static_cast<int32_t>(stop - i);
          place_[j] = static_cast<int32_t>(j - i);
        }
      }
    }
  }

  void keep_long_sessions() {  // P6
    measure_sessions();
    filter([&](size_t, size_t i) { return size_[i] >= rules_.session; });
    step("P6_long_sessions") = counts();
  }

  void cut_to_first() {  // P7
    measure_sessions();
    filter([&](size_t, size_t i) { return place_[i] < rules_.session; });
    step("P7_cut") = counts();
  }

  void keep_busy_users() {  // P8
    std::vector<int64_t> sessions(users());
    for (size_t u = 0; u < users(); ++u) {
      for (size_t i = begin(u); i < end(u); ++i) sessions[u] += i == begin(u) || session_[i] != session_[i - 1];
    }
    filter([&](size_t u, size_t) { return sessions[u] >= rules_.min_sessions; });
    size_ = {};
    place_ = {};
    step("P8_users") = counts();
  }

  void number_items() {  // P9; P8's hash needs the order of the keys
    std::vector<uint8_t> used(static_cast<size_t>(keys_.count()));
    for (size_t i = 0; i < raw_.time_ms.size(); ++i) used[key(i)] = 1;
    std::vector<int32_t> kept;
    for (size_t k = 0; k < used.size(); ++k) {
      if (used[k]) kept.push_back(static_cast<int32_t>(k));
    }
    kept = keys_.sorted_by_text(std::move(kept));
    item_.assign(used.size(), -1);
    for (size_t i = 0; i < kept.size(); ++i) item_[static_cast<size_t>(kept[i])] = static_cast<int32_t>(i);
    describe_tracks(out_, keys_, kept);
    if (hashes_) {
      for (const int32_t k : kept) texts_.push_back(keys_.text(k));
      step("P8_users")["sha256"] = hash([](size_t) { return true; });
    }
    const auto [first, last] = std::minmax_element(raw_.time_ms.begin(), raw_.time_ms.end());
    step("P8_users")["first"] = iso(*first);
    step("P8_users")["last"] = iso(*last);
    step("P9_items")["items"] = kept.size();
  }

  template <class Use>
  std::string hash(const Use& use) const {
    std::vector<DigestRow> rows;
    for (size_t u = 0; u < users(); ++u) {
      for (size_t i = begin(u); i < end(u); ++i) {
        if (use(i)) rows.push_back({static_cast<int32_t>(u), floor_seconds(raw_.time_ms[i]), session_[i], item_[key(i)]});
      }
    }
    return digest(std::move(rows), raw_.listeners, texts_);
  }

  void split() {  // P10-P13
    const Cutoffs cut = cutoffs_of(raw_.time_ms);
    step("P10_cutoffs") = describe(cut);
    std::vector<size_t> candidates;
    for (size_t u = 0; u < users(); ++u) {
      if (end(u) - begin(u) >= 5) candidates.push_back(u);
    }
    PythonRandom random(out_.protocol.split.seed);
    const auto n = static_cast<uint32_t>(candidates.size());
    const auto wanted = static_cast<uint32_t>(python_round(0.1 * n));
    std::vector<uint8_t> validates(users());
    std::vector<std::string> drawn;
    for (const uint32_t i : random.sample(n, wanted)) {
      validates[candidates[i]] = 1;
      drawn.push_back(raw_.listeners[candidates[i]]);
    }
    std::sort(drawn.begin(), drawn.end());
    step("P11_validation_users") = {{"candidates", n}, {"drawn", wanted}, {"users", drawn}};

    std::vector<Part> part(raw_.time_ms.size());
    std::vector<uint8_t> stays(users());
    for (const size_t u : candidates) {
      bool train = false, test = false;
      for (size_t i = begin(u); i < end(u); ++i) {
        const int64_t t = raw_.time_ms[i];
        part[i] = t > cut.test ? Part::test : validates[u] && t > cut.val ? Part::val : Part::fit;
        train |= part[i] == Part::fit;
        test |= part[i] == Part::test;
      }
      stays[u] = train && test;
    }
    fill_log(part, stays);
    describe_split(part, stays, validates);
    ask_first_plays(out_, random);
  }

  void describe_split(const std::vector<Part>& part, const std::vector<uint8_t>& stays, const std::vector<uint8_t>& validates) {
    Json& out = step("P13_split");
    std::vector<uint8_t> kept(part.size());
    int64_t listeners = 0, val_listeners = 0;
    for (size_t u = 0; u < users(); ++u) {
      std::fill(kept.begin() + raw_.first[u], kept.begin() + raw_.first[u + 1], stays[u]);
      listeners += stays[u];
      val_listeners += stays[u] && validates[u] && std::find(part.begin() + raw_.first[u], part.begin() + raw_.first[u + 1], Part::val) != part.begin() + raw_.first[u + 1];
    }
    out["users"] = listeners;
    out["val_users"] = val_listeners;
    for (const auto& [name, wanted] : {std::pair{"train", Part::fit}, {"val", Part::val}, {"test", Part::test}}) {
      const auto use = [&](size_t i) { return kept[i] && part[i] == wanted; };
      std::vector<uint8_t> seen(item_.size());
      int64_t rows = 0, tracks = 0;
      for (size_t i = 0; i < part.size(); ++i) {
        if (!use(i)) continue;
        ++rows;
        tracks += !std::exchange(seen[key(i)], 1);
      }
      out[name] = {{"rows", rows}, {"tracks", tracks}};
      if (hashes_ && rows > 0) out[name]["sha256"] = hash(use);
    }
  }

  void fill_log(const std::vector<Part>& part, const std::vector<uint8_t>& stays) {
    Log& log = out_.log;
    log.first = {0};
    log.tracks = static_cast<int64_t>(out_.key.size());
    log.in_catalogue.assign(out_.key.size(), 1);
    for (auto* column : {&log.start_ms, &log.moment_ms}) column->reserve(part.size());
    log.track.reserve(part.size());
    out_.session.reserve(part.size());
    for (size_t u = 0; u < users(); ++u) {
      if (!stays[u]) continue;
      log.listeners.push_back(raw_.listeners[u]);
      for (size_t i = begin(u); i < end(u); ++i) {
        log.track.push_back(item_[key(i)]);
        log.start_ms.push_back(raw_.start_ms(i));
        log.moment_ms.push_back(raw_.time_ms[i]);
        log.opens.push_back(i == begin(u) || session_[i] != session_[i - 1]);
        log.part.push_back(part[i]);
        out_.session.push_back(session_[i]);
      }
      log.first.push_back(log.plays());
    }
    cut_gate(log, false);
  }

  void describe_completion(const LengthTable& lengths) {  // P14, over the rows of P8
    std::vector<int64_t> length;
    if (!lengths.empty()) length = lengths.by_name(keys_);
    std::vector<int64_t> listened;
    std::vector<double> ratios;
    Log& log = out_.log;
    for (size_t u = 0; u < users(); ++u) {
      const auto found = std::lower_bound(log.listeners.begin(), log.listeners.end(), raw_.listeners[u]);
      const bool kept = found != log.listeners.end() && *found == raw_.listeners[u];
      for (size_t i = begin(u); i < end(u); ++i) {
        const bool has_next = i + 1 < end(u) && session_[i + 1] == session_[i];
        const int64_t seconds = has_next ? floor_seconds(raw_.time_ms[i + 1]) - floor_seconds(raw_.time_ms[i]) : 0;
        const int64_t of_track = length.empty() ? 0 : length[static_cast<size_t>(raw_.spelling[i])];
        if (has_next) listened.push_back(seconds);
        if (has_next && of_track > 0) ratios.push_back(inferred_ratio(seconds, of_track));
        if (!kept) continue;
        const bool known = has_next && of_track > 0;
        log.completion.push_back(known ? static_cast<float>(ratios.back()) : 0.0f);
        log.completion_kind.push_back(known ? CompletionKind::inferred : CompletionKind::unknown);
      }
    }
    step("P14_completion")["listened"] = describe_listened(std::move(listened), raw_.plays());
    if (!lengths.empty()) step("P14_completion")["ratio"] = describe_ratios(std::move(ratios), raw_.plays());
  }

  RawLog raw_;
  const TrackKeys& keys_;
  const Protocol::Sessions rules_;
  bool hashes_;
  Prepared out_;
  std::vector<int32_t> session_, size_, place_, item_;
  std::vector<std::string> texts_;  // of the items, for hashes
};

}  // namespace

Prepared prepare_paper(RawLog raw, const TrackKeys& keys, const LengthTable& lengths, const Protocol& protocol,
                       Json first_step, bool hashes) {
  return Paper(std::move(raw), keys, protocol, hashes).run(std::move(first_step), lengths);
}

}  // namespace segue
