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
  Protocol p{.name = "melochron-gts", .rules = "melochron", .about = "MeloChron's on LastFM-1K: one cut, a tenth of the listeners never trained on, last 200 plays"};
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

/// The settings that rules look at, in the order of their sections.
const std::vector<std::string>& settings_of(const std::string& rules) {
  static const std::vector<std::string> ours{
      "sessions.gap_s", "sessions.min_user",  "sessions.min_track", "sessions.session",   "sessions.min_sessions", "sessions.cap",
      "sessions.ties",  "sessions.since",     "sessions.until",     "sessions.track_key", "split.cut",             "split.min_overlap",
      "split.cases",    "split.negatives",    "split.seed",         "split.ties"};
  static const std::map<std::string, std::vector<std::string>> published{
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
  if (split.cold_listeners < 0 || split.cold_listeners >= 1) throw Error("split.cold_listeners: at least 0 and below 1, not {}", split.cold_listeners);
  if (split.history < 0) throw Error("split.history: at least 0, not {}", split.history);
  if (sessions.gap_s < 0 || sessions.session < 1 || split.cases < 1 || split.negatives < 0) {
    throw Error("sessions.gap_s and split.negatives must be at least 0, sessions.session and split.cases at least 1");
  }
}

const Registry<Protocol>& protocols() {
  static const Registry<Protocol> table{
      "protocol",
      {
          {"melochron-gts", melochron_gts()},
          {"paper", paper()},
          {"segue", segue()},
          {"segue-own", segue_own()},
      },
  };
  return table;
}

}  // namespace segue
