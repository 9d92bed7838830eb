#include "sessions/prepared.h"

#include <date/date.h>
#include <xxhash.h>

#include <algorithm>
#include <chrono>

#include "core/error.h"
#include "core/time_text.h"
#include "listening/import.h"
#include "listening/plays.h"
#include "sessions/accounts.h"
#include "sessions/counts.h"
#include "sessions/melochron.h"
#include "sessions/paper.h"
#include "sessions/pps.h"
#include "sessions/segue_rules.h"
#include "sessions/session_windows.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

int64_t day_ms(const std::string& key, const std::string& text) {
  const auto midnight = iso_second(text + "T00:00:00");
  if (!midnight) throw Error("{}: '{}' is not a day like 2009-07-01", key, text);
  return 1000 * *midnight;
}

/// The span of time that counts; "auto" follows the format of the logs.
std::pair<int64_t, int64_t> span_of(const Protocol::Sessions& rules, const std::vector<SourceReport>& sources) {
  const bool lastfm_1k = std::all_of(sources.begin(), sources.end(), [](const auto& s) { return s.format == "lastfm-1k"; });
  const auto tomorrow = date::floor<date::days>(std::chrono::system_clock::now()) + date::days(1);
  const int64_t until = lastfm_1k ? day_ms("", "2009-07-01")
                                  : std::chrono::duration_cast<std::chrono::milliseconds>(tomorrow.time_since_epoch()).count();
  return {rules.since == "auto" ? day_ms("", lastfm_1k ? "2005-02-14" : "2002-01-01") : day_ms("sessions.since", rules.since),
          rules.until == "auto" ? until : day_ms("sessions.until", rules.until)};
}

Json reading_counts(const std::vector<SourceReport>& sources) {
  int64_t rows = 0, malformed = 0, refused = 0;
  for (const auto& source : sources) {
    rows += source.rows;
    for (const auto& [why, fate] : source.refused) (why == "malformed-line" ? malformed : refused) += fate.count;
  }
  return {{"lines", rows}, {"malformed", malformed}, {"unparsed", refused}};
}

template <class T>
void add_to(XXH3_state_t* hash, const std::vector<T>& values) {
  XXH3_128bits_update(hash, values.data(), values.size() * sizeof(T));
}

/// Over the plays, their parts, the catalogue and the cases, listeners and tracks by name.
std::string hash_of(const Prepared& p) {
  XXH3_state_t* hash = XXH3_createState();
  XXH3_128bits_reset(hash);
  for (const auto& name : p.log.listeners) XXH3_128bits_update(hash, name.c_str(), name.size() + 1);
  XXH3_128bits_update(hash, p.key.bytes().data(), p.key.bytes().size());
  add_to(hash, p.key.offsets());
  add_to(hash, p.log.first);
  add_to(hash, p.log.track);
  add_to(hash, p.log.start_ms);
  add_to(hash, p.log.moment_ms);
  add_to(hash, p.log.opens);
  add_to(hash, p.log.part);
  add_to(hash, p.log.in_catalogue);
  for (const auto* cases : {&p.val, &p.test}) {
    for (const auto& c : *cases) {
      XXH3_128bits_update(hash, &c.target, sizeof c.target);
      if (c.history_begin > 0) XXH3_128bits_update(hash, &c.history_begin, sizeof c.history_begin);
    }
  }
  for (const auto* candidates : {&p.val_candidates, &p.test_candidates, &p.val_relevant, &p.test_relevant}) {
    for (const auto& list : *candidates) add_to(hash, list);
  }
  const auto sum = XXH3_128bits_digest(hash);
  XXH3_freeState(hash);
  return fmt::format("{:016x}{:016x}", sum.high64, sum.low64);
}

struct ToJson {
  Json& out;
  template <class T>
  void operator()(const char* key, const T& value) const {
    out[key] = value;
  }
};

Json describe_cases(const Prepared& p, const std::vector<Case>& cases) {
  int64_t inside = 0, targets = 0, tracks = 0, listeners = 0;
  int32_t last = -1;
  for (const auto& c : cases) {
    const int32_t track = p.log.track[static_cast<size_t>(c.target)];
    inside += p.log.in_catalogue[static_cast<size_t>(track)];
    targets += c.target;
    tracks += track;
    listeners += std::exchange(last, c.listener) != c.listener;
  }
  return {{"cases", cases.size()}, {"listeners_with_cases", listeners}, {"cases_in_catalogue", inside},
          {"oov", std::ssize(cases) - inside}, {"cases_sum", targets}, {"case_tracks_sum", tracks}};
}

}  // namespace

std::vector<int64_t> Prepared::train_plays() const {
  std::vector<int64_t> plays(static_cast<size_t>(log.tracks));
  for (size_t i = 0; i < log.track.size(); ++i) plays[static_cast<size_t>(log.track[i])] += log.part[i] < Part::val;
  return plays;
}

std::string Prepared::split_text() const {
  if (protocol.rules == "paper") return "one cut in time at the 0.9 quantile, first test play of each listener";
  if (protocol.rules == "windows") {
    return fmt::format("window {} of {} days after the first {}; each listener's last session, the one before for validation",
                       protocol.split.window, protocol.split.window_days, protocol.split.skip_days);
  }
  if (protocol.rules == "pps") {
    return fmt::format("one cut for all at the {} quantile of plays; {} drawn tracks; all that a listener plays after the cut is right",
                       protocol.split.test_at, protocol.sessions.tracks);
  }
  if (protocol.rules == "melochron") {
    return fmt::format(
        "one cut for all at the {} quantile of time; {} % of the listeners not in train; at most {} drawn cases a listener, {} plays known",
        protocol.split.test_at, 100 * protocol.split.cold_listeners, protocol.split.cases,
        protocol.split.history == 0 ? "all earlier" : fmt::format("the last {}", protocol.split.history));
  }
  return fmt::format("{} at the 0.9 quantile of time, twice; at most {} cases a listener",
                     protocol.split.cut == "own" ? "each listener's own cut" : "one cut for all", protocol.split.cases);
}

Prepared prepare(const Path& data, const Protocol& protocol, bool hashes) {
  const Reading reading(data);
  if (!std::filesystem::exists(data / "plays.parquet")) {
    throw Error("{}: no imported plays here; first: segue import LOG --into {}", data.string(), data.string());
  }
  auto [keys, raw] = read_log(data, tie_order(protocol.sessions.ties), protocol.sessions.track_key == "raw");
  const LengthTable lengths(data);
  const auto sources = load_sources(data);
  const Json accounts = hashes ? describe_accounts(raw, keys, sources, protocol.sessions.gap_s) : Json::object();
  Prepared out;
  if (protocol.rules == "paper") {
    out = prepare_paper(std::move(raw), keys, lengths, protocol, reading_counts(sources), hashes);
  } else if (protocol.rules == "windows") {
    out = prepare_session_windows(std::move(raw), keys, protocol, reading_counts(sources));
  } else if (protocol.rules == "pps") {
    out = prepare_pps(std::move(raw), keys, protocol, reading_counts(sources));
  } else if (protocol.rules == "melochron") {
    out = prepare_melochron(std::move(raw), keys, protocol, reading_counts(sources));
  } else {
    const auto [since, until] = span_of(protocol.sessions, sources);
    out = prepare_segue(std::move(raw), keys, lengths, protocol, since, until, reading_counts(sources), hashes);
  }
  if (!accounts.empty()) out.steps["accounts"] = accounts;
  out.folder = data;
  out.plays_hash = plays_hash(data);
  out.data_hash = hash_of(out);
  return out;
}

Json summary(const Prepared& p) {
  const auto& s = p.protocol.sessions;
  Json out{{"protocol", p.protocol.name}, {"data_hash", p.data_hash}, {"plays_hash", p.plays_hash}};
  out["settings"] = {{"mode", p.protocol.rules == "segue" ? "correct" : p.protocol.rules},
                     {"min_user", s.min_user},
                     {"min_track", s.min_track},
                     {"gap", s.gap_s},
                     {"session", s.session},
                     {"min_sessions", s.min_sessions},
                     {"ties", s.ties},
                     {"cap", s.cap},
                     {"since", s.since},
                     {"until", s.until},
                     {"track_key", s.track_key},
                     {"cut", p.protocol.split.cut},
                     {"cases", p.protocol.split.cases},
                     {"negatives", p.protocol.split.negatives},
                     {"seed", p.protocol.split.seed}};
  Protocol all = p.protocol;
  all.sessions.fields(ToJson{out["all_settings"]["sessions"]});
  all.split.fields(ToJson{out["all_settings"]["split"]});
  if (!p.protocol.notes.empty()) out["notes"] = p.protocol.notes;
  out["steps"] = p.steps;
  if (p.steps.contains("accounts")) {
    out["listeners"] = p.steps["accounts"];
    out["steps"].erase("accounts");
  }
  out["log"] = {{"listeners", p.log.listeners.size()}, {"plays", p.log.plays()}, {"tracks", p.log.tracks},
                {"catalogue", std::count(p.log.in_catalogue.begin(), p.log.in_catalogue.end(), 1)}};
  out["cases"] = {{"val", describe_cases(p, p.val)}, {"test", describe_cases(p, p.test)}};
  return out;
}

}  // namespace segue
