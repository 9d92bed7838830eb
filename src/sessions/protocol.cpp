#include "sessions/protocol.h"

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

void require_one_of(const std::string& key, const std::string& value, const std::vector<std::string>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    throw Error("{}: no '{}'; known: {}", key, value, fmt::join(allowed, ", "));
  }
}

}  // namespace

void Protocol::configure(const YAML::Node& config) {
  if (config.IsDefined() && !config.IsNull() && !config.IsMap()) throw Error("configuration: sections with settings are wanted");
  for (const auto& section : config) {
    require_one_of("configuration", section.first.as<std::string>(), {"sessions", "split"});
  }
  read_options(config["sessions"], "sessions", sessions);
  read_options(config["split"], "split", split);
  require_one_of("sessions.ties", sessions.ties, {"auto", "reverse", "file", "key"});
  require_one_of("sessions.track_key", sessions.track_key, {"track", "raw"});
  require_one_of("split.cut", split.cut, {"global", "own"});
  if (sessions.gap_s < 0 || sessions.session < 1 || split.cases < 1 || split.negatives < 0) {
    throw Error("sessions.gap_s and split.negatives must be at least 0, sessions.session and split.cases at least 1");
  }
}

const Registry<Protocol>& protocols() {
  static const Registry<Protocol> table{
      "protocol",
      {
          {"paper", paper()},
          {"segue", segue()},
          {"segue-own", segue_own()},
      },
  };
  return table;
}

}  // namespace segue
