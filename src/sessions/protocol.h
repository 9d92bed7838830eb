#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/options.h"
#include "core/registry.h"

namespace segue {

/// The rules by which a log becomes questions with known answers. The defaults are those of `segue`.
struct Protocol {
  /// How sessions are cut, and which listeners and tracks stay.
  struct Sessions {
    int64_t gap_s = 1200;       // a longer silence opens a new session
    int64_t min_user = 1000;    // plays a listener needs
    int64_t min_track = 7;      // plays a track needs to be in the catalogue
    int64_t session = 10;       // plays a session needs to be long; `paper` also cuts it to this
    int64_t min_sessions = 50;  // long sessions a listener needs
    int64_t cap = 50;           // plays of a session from which targets are counted
    std::string ties = "auto";  // order of plays with one time: reverse, file, key; auto: as the log is written
    std::string since = "auto"; // first day that counts; auto: 2005-02-14 for LastFM-1K, else 2002-01-01
    std::string until = "auto"; // the day after the last; auto: 2009-07-01 for LastFM-1K, else the day after the import
    std::string track_key = "track";  // what one track is: track (of the data folder) or raw (as the logs spell it)
    int64_t max_session = 0;    // plays a session may have; 0: any number
    int64_t tracks = 0;         // tracks that are drawn by their plays to be all there are; 0: none is drawn
    int64_t min_played_s = 0;   // seconds a play must last to count, where its played time is known

    template <class V>
    void fields(V&& field) {
      field("gap_s", gap_s);
      field("min_user", min_user);
      field("min_track", min_track);
      field("session", session);
      field("min_sessions", min_sessions);
      field("cap", cap);
      field("ties", ties);
      field("since", since);
      field("until", until);
      field("track_key", track_key);
      field("max_session", max_session);
      field("tracks", tracks);
      field("min_played_s", min_played_s);
    }
  };

  /// Where train ends and what is asked.
  struct Split {
    std::string cut = "global";    // global: one cut for all; own: each listener's own
    double min_overlap = 0.5;      // global: share of listeners that must have plays on both sides of the test cut
    int64_t cases = 1000;          // most cases of a listener, evenly spread
    int64_t negatives = 0;         // sampled candidates beside the target; 0: the whole catalogue
    uint32_t seed = 42;            // of everything drawn here
    std::string ties = "mean_rank";  // rank of a target among equal scores, unless `evaluate` is told another
    double test_at = 0.9;          // quantile of time where test begins
    double val_at = 0.9;           // quantile of what precedes where validation begins
    double cold_listeners = 0;     // share of the listeners kept out of train
    int64_t history = 0;           // plays before the target that are known; 0: all
    int64_t window = 1;            // which of the windows of time, from 1
    int64_t skip_days = 500;       // before the first window
    int64_t window_days = 217;     // length of a window

    template <class V>
    void fields(V&& field) {
      field("cut", cut);
      field("min_overlap", min_overlap);
      field("cases", cases);
      field("negatives", negatives);
      field("seed", seed);
      field("ties", ties);
      field("test_at", test_at);
      field("val_at", val_at);
      field("cold_listeners", cold_listeners);
      field("history", history);
      field("window", window);
      field("skip_days", skip_days);
      field("window_days", window_days);
    }
  };

  std::string name;
  std::string rules;  // "paper" (steps P1-P14), "segue" (C1-C10, E, S, C), "melochron" (M1-M7), "windows" (W1-W6), "pps" (D1-D6)
  std::string about;  // one line for --help
  Sessions sessions = {};
  Split split = {};
  std::vector<std::string> notes = {};  // what the publication leaves open, and where we differ from it

  /// Sections `sessions` and `split` of a configuration over the defaults. Throws Error on anything unknown, and on a
  /// setting that the rules of this protocol do not look at.
  void configure(const YAML::Node& config);
};

const Registry<Protocol>& protocols();

}  // namespace segue
