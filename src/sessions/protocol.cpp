#include "sessions/protocol.h"

#include <map>

namespace segue {
namespace {

Protocol paper() {
  Protocol p{.name = "paper", .rules = "paper", .about = "the paper's: first-ten sessions, one target a listener, 1 + 199 candidates"};
  p.sessions.track_key = "raw";
  p.split.negatives = 199;
  p.split.min_overlap = 0;
  return p;
}

Protocol segue() {
  return {.name = "segue", .rules = "segue", .about = "logs that overlap in time: one cut for all, every play after it is asked"};
}

Protocol segue_own() {
  Protocol p{.name = "segue-own", .rules = "segue", .about = "personal exports of different years: each listener's own cut"};
  p.sessions.min_user = 0;
  p.sessions.min_track = 5;
  p.sessions.min_sessions = 0;
  p.split.cut = "own";
  return p;
}

Protocol melochron_gts() {
  Protocol p{.name = "melochron-gts", .rules = "melochron",
             .about = "MeloChron's on LastFM-1K: one cut, a tenth of the listeners never trained on, last 200 plays"};
  p.sessions.gap_s = 1800;
  p.sessions.min_user = 5;
  p.sessions.min_track = 20;
  p.sessions.min_played_s = 30;
  p.split.cases = 10;
  p.split.seed = 0;
  p.split.ties = "pessimistic";
  p.split.test_at = 0.85;
  p.split.cold_listeners = 0.1;
  p.split.history = 200;
  p.notes = {
      "One track is a track of this data folder; the published keys also drop 'radio edit', 'mono' and the like, and never merge by id.",
      "Plays outside the catalogue are known by their own track; there they are all one unknown track.",
      "Which listeners are cold and which plays are asked is drawn by the seed, but not with numpy's default_rng: not the published draw.",
      "Plays of cold listeners before the cut stand in the validation part, so nothing fitted learns from them; they are known as history.",
      "The slice cold_listener also holds listeners whose first play lies after the train part; there it is the drawn ones alone.",
      "Targets are drawn before those outside the catalogue are taken out, as in the published code: fewer than 10 a listener remain.",
      "Rankers learn from what precedes the validation cut; the published counters learn from all that precedes the test cut.",
      "Plays flagged as duplicates stay, as there; lines whose names pandas takes for missing (NA, null) stay too, unlike there.",
  };
  return p;
}

Protocol session_windows() {
  Protocol p{.name = "session-windows", .rules = "windows",
             .about = "session-rec's on LastFM-1K: five windows of time, each listener's last session is asked"};
  p.sessions.gap_s = 1800;
  p.sessions.min_track = 5;
  p.sessions.session = 2;
  p.sessions.max_session = 20;
  p.sessions.min_sessions = 3;
  p.sessions.track_key = "raw";
  p.notes = {
      "Sessions of more than 20 plays are left out whole, as in the published code; they are not cut.",
      "The window is taken first and tracks, sessions and listeners are filtered in it, as in the published code; a session belongs to the window "
      "that holds its last play.",
      "Test is each listener's last session, not the last of all: rankers may learn from others' sessions that came later.",
      "Test plays of tracks that no session outside test has are left out, and test sessions shorter than 2 after that, as there. Validation "
      "sessions stay whole, for they are history of the test session; there they are cleaned in the same way.",
      "For test the published models learn from train and validation; here from train only, validation is known as history.",
      "All of the listener's earlier plays in the window are known; published session-based methods look at the current session alone.",
      "Plays flagged as duplicates stay, as there. Plays of one second stand in the order of the log; there in any.",
      "Equal scores count as the middle of their places; there they stand in any order.",
  };
  return p;
}

Protocol pps_gts() {
  Protocol p{.name = "pps-gts", .rules = "pps",
             .about = "personalized popularity's on LastFM-1K (RecSys'24): all tracks that come after one cut are right"};
  p.sessions.gap_s = 1800;
  p.sessions.min_user = 2;
  p.sessions.tracks = 30000;
  p.sessions.track_key = "raw";
  p.split.seed = 27;
  p.notes = {
      "Tracks are drawn exactly as numpy.random.seed(27); numpy.random.choice(replace=False, p=plays) does, from tracks by plays, then by "
      "first appearance in the log: the published draw, if the log was imported alone and from its own file.",
      "Rankers learn from what precedes the validation cut and know all that precedes the test cut; there all that precedes the test cut is "
      "learned from, and validation is of 128 drawn listeners; here of all.",
      "Ranked are the drawn tracks with a play before the test cut by a listener who stays; others that are right count as missed.",
      "Sessions, by a gap of 30 minutes, are known to rankers; the publication has none.",
      "The place of a case is that of the first right track in the list of 100, or 101 where none is; slices go by his first play.",
      "Equal scores stand by train plays in the list, so no rule for ties applies; there in any order. Precision, recall, MRR and MAP are ours.",
      "Plays flagged as duplicates stay, as there.",
  };
  return p;
}

/// The settings that rules look at, in the order of their sections.
const std::vector<std::string>& settings_of(const std::string& rules) {
  static const std::vector<std::string> ours{
      "sessions.gap_s", "sessions.min_user",  "sessions.min_track", "sessions.session",   "sessions.min_sessions", "sessions.cap",
      "sessions.ties",  "sessions.since",     "sessions.until",     "sessions.track_key", "split.cut",             "split.min_overlap",
      "split.cases",    "split.negatives",    "split.seed",         "split.ties"};
  static const std::map<std::string, std::vector<std::string>> published{
      {"pps",
       {"sessions.gap_s", "sessions.min_user", "sessions.tracks", "sessions.ties", "split.seed", "split.test_at", "split.val_at"}},
      {"windows",
       {"sessions.gap_s", "sessions.min_track", "sessions.session", "sessions.max_session", "sessions.min_sessions", "sessions.ties",
        "split.ties", "split.window", "split.skip_days", "split.window_days"}},
      {"melochron",
       {"sessions.gap_s", "sessions.min_user", "sessions.min_track", "sessions.ties", "sessions.track_key", "sessions.min_played_s",
        "split.cases", "split.seed", "split.ties", "split.test_at", "split.val_at", "split.cold_listeners", "split.history"}},
  };
  const auto found = published.find(rules);
  return found == published.end() ? ours : found->second;
}

void require_one_of(const std::string& key, const std::string& value, const std::vector<std::string>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    throw Error("{}: no '{}'; known: {}", key, value, fmt::join(allowed, ", "));
  }
}

void require_heeded(const Protocol& protocol, const YAML::Node& config) {
  const auto& heeded = settings_of(protocol.rules);
  for (const auto& section : config) {
    for (const auto& setting : section.second) {
      const auto key = fmt::format("{}.{}", section.first.as<std::string>(), setting.first.as<std::string>());
      if (std::find(heeded.begin(), heeded.end(), key) != heeded.end()) continue;
      throw Error("protocol '{}' does not look at {}; it looks at: {}", protocol.name, key, fmt::join(heeded, ", "));
    }
  }
}

void require_share(const std::string& key, double value) {
  if (!(value > 0 && value < 1)) throw Error("{}: {} is not between 0 and 1", key, value);
}

}  // namespace

void Protocol::configure(const YAML::Node& config) {
  if (config.IsDefined() && !config.IsNull() && !config.IsMap()) throw Error("configuration: sections with settings are wanted");
  for (const auto& section : config) {
    require_one_of("configuration", section.first.as<std::string>(), {"sessions", "split"});
  }
  read_options(config["sessions"], "sessions", sessions);
  read_options(config["split"], "split", split);
  require_heeded(*this, config);
  require_one_of("sessions.ties", sessions.ties, {"auto", "reverse", "file", "key"});
  require_one_of("sessions.track_key", sessions.track_key, {"track", "raw"});
  require_one_of("split.cut", split.cut, {"global", "own"});
  require_one_of("split.ties", split.ties, {"mean_rank", "expected", "pessimistic", "optimistic"});
  require_share("split.test_at", split.test_at);
  require_share("split.val_at", split.val_at);
  if (!(split.cold_listeners >= 0 && split.cold_listeners < 1)) {
    throw Error("split.cold_listeners: at least 0 and below 1, not {}", split.cold_listeners);
  }
  if (rules == "windows" && (sessions.session < 2 || sessions.max_session < sessions.session || sessions.min_sessions < 3)) {
    throw Error("protocol '{}': sessions.session must be at least 2, sessions.max_session no less, and sessions.min_sessions at least 3, "
                "for train, val and test", name);
  }
  if (split.window < 1 || split.window_days < 1 || split.skip_days < 0) {
    throw Error("split.window and split.window_days must be at least 1, split.skip_days at least 0");
  }
  if (rules == "pps" && sessions.tracks < 1) throw Error("sessions.tracks: at least 1, not {}", sessions.tracks);
  if (split.history < 0) throw Error("split.history: at least 0, not {}", split.history);
  constexpr int64_t longest_gap_s = 1'000'000'000;
  if (sessions.gap_s < 0 || sessions.gap_s > longest_gap_s || sessions.session < 1 || split.cases < 1 || split.negatives < 0) {
    throw Error("sessions.gap_s (up to 1000000000) and split.negatives must be at least 0, sessions.session and split.cases at least 1");
  }
}

const Registry<Protocol>& protocols() {
  static const Registry<Protocol> table{
      "protocol",
      {
          {"melochron-gts", melochron_gts()},
          {"paper", paper()},
          {"pps-gts", pps_gts()},
          {"segue", segue()},
          {"segue-own", segue_own()},
          {"session-windows", session_windows()},
      },
  };
  return table;
}

}  // namespace segue
