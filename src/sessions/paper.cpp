#include "sessions/paper.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"
#include "core/python_random.h"
#include "sessions/digest.h"
#include "sessions/paper_cases.h"
#include "sessions/paper_filters.h"
#include "sessions/preparation.h"
#include "sessions/quantile.h"

namespace segue {
namespace {

/// The steps in the order of the rules; each leaves its counts in `steps`.
class Paper : Preparation {
 public:
  Paper(RawLog raw, const TrackKeys& keys, const Protocol& protocol, bool hashes)
      : Preparation(std::move(raw), keys, protocol), hashes_(hashes) {}

  Prepared run(const Json& first_step, const LengthTable& lengths) {
    filter(first_step);
    if (!lengths.empty()) length_ms_ = lengths.by_name(keys_);
    // Names and times have nothing to do with each other.
    parallel_for(2, [&](int64_t job) { job == 0 ? number_items() : measure_times(); });
    describe_items();
    split();
    describe_completion(!lengths.empty());
    return std::move(out_);
  }

 private:
  [[noreturn]] void refuse() const {
    throw Error("protocol 'paper' leaves nothing: no listener has {} plays and {} sessions of {} tracks here; "
                "try --protocol segue-own, or smaller sessions.min_user, sessions.min_sessions, sessions.session",
                rules_.min_user, rules_.min_sessions, rules_.session);
  }

  void filter(const Json& first_step) {  // P1-P8
    const Filtered filtered = filter_paper(raw_, keys_, rules_);
    if (raw_.plays() == 0) return refuse();
    session_ = filtered.session;
    static constexpr const char* names[] = {"P1_read", "P2_users", "P3_tracks", "P4_sessions", "P5_first_in_session",
                                            "P6_long_sessions", "P7_cut", "P8_users"};
    step(names[0]) = first_step;
    for (size_t p = 1; p <= std::size(names); ++p) {
      const Left& left = filtered.step[p];
      step(names[p - 1]).update({{"rows", left.rows}, {"users", left.users}, {"tracks", left.tracks}});
      if (p >= 4) step(names[p - 1])["sessions"] = left.sessions;
    }
    step("P4_sessions")["rows_with_the_time_of_the_row_before"] = filtered.tied;
  }

  void number_items() {  // P9
    const auto kept = keys_.sorted_by_text(used_keys(raw_, keys_));
    item_ = places_in(kept, keys_.count());
    describe_tracks(out_, keys_, kept);
  }

  /// What the times of the rows of P8 say by themselves: the cuts, and how long the plays lasted.
  void measure_times() {
    cut_ = cutoffs_of(raw_.time_ms);
    std::vector<int64_t> listened;
    listened.reserve(raw_.time_ms.size());
    for (size_t u = 0; u < users(); ++u) {
      for (size_t i = begin(u); i < end(u); ++i) {
        if (has_next(u, i)) listened.push_back(seconds_to_next(i));
      }
    }
    listened_ = describe_listened(std::move(listened), raw_.plays());
  }

  bool has_next(size_t u, size_t i) const { return i + 1 < end(u) && session_[i + 1] == session_[i]; }
  int64_t seconds_to_next(size_t i) const { return floor_seconds(raw_.time_ms[i + 1]) - floor_seconds(raw_.time_ms[i]); }

  void describe_items() {
    if (hashes_) {
      for (size_t i = 0; i < out_.key.size(); ++i) texts_.emplace_back(out_.key[i]);
      step("P8_users")["sha256"] = hash([](size_t) { return true; });
    }
    const auto [first, last] = std::minmax_element(raw_.time_ms.begin(), raw_.time_ms.end());
    step("P8_users")["first"] = iso(*first);
    step("P8_users")["last"] = iso(*last);
    step("P9_items")["items"] = out_.key.size();
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
    step("P10_cutoffs") = describe(cut_);
    std::vector<size_t> candidates;
    for (size_t u = 0; u < users(); ++u) {
      if (end(u) - begin(u) >= 5) candidates.push_back(u);
    }
    PythonRandom random(split_.seed);
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
        part[i] = t > cut_.test ? Part::test : validates[u] && t > cut_.val ? Part::val : Part::fit;
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
      val_listeners += stays[u] && validates[u] &&
                       std::find(part.begin() + raw_.first[u], part.begin() + raw_.first[u + 1], Part::val) !=
                           part.begin() + raw_.first[u + 1];
    }
    out["users"] = listeners;
    out["val_users"] = val_listeners;
    static constexpr const char* names[] = {"train", "val", "test"};
    static constexpr Part parts[] = {Part::fit, Part::val, Part::test};
    Json described[3];
    parallel_for(3, [&](int64_t which) {
      described[which] = describe_part([&, wanted = parts[which]](size_t i) { return kept[i] && part[i] == wanted; });
    });
    for (size_t which = 0; which < 3; ++which) out[names[which]] = described[which];
  }

  template <class Use>
  Json describe_part(const Use& use) const {
    std::vector<uint8_t> seen(item_.size());
    int64_t rows = 0, tracks = 0;
    for (size_t i = 0; i < raw_.time_ms.size(); ++i) {
      if (!use(i)) continue;
      ++rows;
      tracks += !std::exchange(seen[key(i)], 1);
    }
    Json out{{"rows", rows}, {"tracks", tracks}};
    if (hashes_ && rows > 0) out["sha256"] = hash(use);
    return out;
  }

  void fill_log(const std::vector<Part>& part, const std::vector<uint8_t>& stays) {
    Log& log = out_.log;
    log.first = {0};
    log.tracks = static_cast<int64_t>(out_.key.size());
    log.in_catalogue.assign(out_.key.size(), 1);
    std::vector<size_t> from;  // [listeners of the log] in raw_
    for (size_t u = 0; u < users(); ++u) {
      if (!stays[u]) continue;
      from.push_back(u);
      log.listeners.push_back(raw_.listeners[u]);
      log.first.push_back(log.first.back() + raw_.first[u + 1] - raw_.first[u]);
    }
    const auto n = static_cast<size_t>(log.first.back());
    for (auto* column : {&log.start_ms, &log.moment_ms}) column->resize(n);
    for (auto* column : {&log.track, &out_.session}) column->resize(n);
    log.opens.resize(n);
    log.part.resize(n);
    log.completion.resize(n);
    log.completion_kind.resize(n);
    parallel_for(std::ssize(from), [&](int64_t u) {
      fill_listener(from[static_cast<size_t>(u)], static_cast<size_t>(log.first[static_cast<size_t>(u)]), part);
    });
    cut_gate(log, false);
  }

  /// The plays of a listener of raw_, from place `to` of the log on.
  void fill_listener(size_t u, size_t to, const std::vector<Part>& part) {
    Log& log = out_.log;
    for (size_t i = begin(u); i < end(u); ++i, ++to) {
      log.track[to] = item_[key(i)];
      log.start_ms[to] = raw_.start_ms(i);
      log.moment_ms[to] = raw_.time_ms[i];
      log.opens[to] = i == begin(u) || session_[i] != session_[i - 1];
      log.part[to] = part[i];
      out_.session[to] = session_[i];
      if (!has_next(u, i) || length_ms(i) <= 0) continue;
      log.completion[to] = static_cast<float>(inferred_ratio(seconds_to_next(i), length_ms(i)));
      log.completion_kind[to] = CompletionKind::inferred;
    }
  }

  int64_t length_ms(size_t i) const { return length_ms_.empty() ? 0 : length_ms_[static_cast<size_t>(raw_.spelling[i])]; }

  void describe_completion(bool ratios_too) {  // P14, over the rows of P8
    step("P14_completion")["listened"] = listened_;
    if (!ratios_too) return;
    std::vector<double> ratios;
    for (size_t u = 0; u < users(); ++u) {
      for (size_t i = begin(u); i < end(u); ++i) {
        if (has_next(u, i) && length_ms(i) > 0) ratios.push_back(inferred_ratio(seconds_to_next(i), length_ms(i)));
      }
    }
    step("P14_completion")["ratio"] = describe_ratios(std::move(ratios), raw_.plays());
  }

  bool hashes_;
  Cutoffs cut_;
  Json listened_;
  std::vector<int32_t> session_, item_;
  std::vector<int64_t> length_ms_;  // [spellings] of the track, 0 unknown; empty where no length is known
  std::vector<std::string> texts_;  // of the items, for hashes
};

}  // namespace

Prepared prepare_paper(RawLog raw, const TrackKeys& keys, const LengthTable& lengths, const Protocol& protocol,
                       const nlohmann::ordered_json& first_step, bool hashes) {
  return Paper(std::move(raw), keys, protocol, hashes).run(first_step, lengths);
}

}  // namespace segue
