#include "simulation/simulate.h"

#include <charconv>
#include <chrono>
#include <mutex>

#include "core/error.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "simulation/library.h"

namespace segue::simulation {
namespace {

void check(int64_t value, int64_t least, int64_t most, const char* name) {
  if (value < least || value > most) throw Error("--{} {}: must be {} to {}", name, value, least, most);
}

void check(const Options& options) {
  check(options.listeners, 1, 10'000, "listeners");
  check(options.tracks, 100, 100'000, "tracks");
  check(options.days, 1, 20'000, "days");
  check(options.plays, 20 * options.listeners, 5'000'000, "plays");
  check(options.audio_tracks, 0, options.tracks, "audio-tracks");
  check(options.extended_listeners, 0, options.listeners, "extended-listeners");
  if (!(options.audio_seconds >= 0.1 && options.audio_seconds <= 600.0)) {
    throw Error("--audio-seconds {}: must be 0.1 to 600", options.audio_seconds);
  }
  constexpr int64_t a_day = 60;  // plays that a listener has time for; some listen twice as much
  if (options.plays > options.listeners * options.days * a_day) {
    throw Error("--plays {}: {} listeners can't hear more than {} tracks in {} days; add listeners or days", options.plays,
                options.listeners, options.listeners * options.days * a_day, options.days);
  }
}

/// Midnight of "2024-01-01".
int64_t time_of(const std::string& date) {
  int part[3] = {};
  bool right = date.size() == 10 && date[4] == '-' && date[7] == '-';
  constexpr size_t from[3] = {0, 5, 8}, until[3] = {4, 7, 10};
  for (int i = 0; i < 3 && right; ++i) {
    const auto [end, failed] = std::from_chars(date.data() + from[i], date.data() + until[i], part[i]);
    right = failed == std::errc() && end == date.data() + until[i];
  }
  const std::chrono::year_month_day day{std::chrono::year(part[0]), std::chrono::month(static_cast<unsigned>(part[1])),
                                        std::chrono::day(static_cast<unsigned>(part[2]))};
  if (!right || !day.ok() || part[0] < 1970) {
    throw Error("--start '{}': must be a date such as 2024-01-01, from 1970 on", date);
  }
  return std::chrono::sys_seconds(std::chrono::sys_days(day)).time_since_epoch().count();
}

void listen_all(Simulation& made) {
  Progress progress("listening", made.options.plays, "plays");
  std::mutex one_at_a_time;
  made.plays.resize(made.listeners.size());
  parallel_for(static_cast<int64_t>(made.listeners.size()), [&](int64_t i) {
    made.plays[i] = listen(made.world, made.habits, made.listeners[i], made.options.seed, i);
    const std::lock_guard lock(one_at_a_time);
    progress.advance(static_cast<int64_t>(made.plays[i].size()));
  });
}

}  // namespace

Simulation simulate(const Options& options) {
  check(options);
  Simulation made;
  made.options = options;
  made.begin_s = time_of(options.start);
  made.end_s = made.begin_s + options.days * 86400;
  made.world = make_world({.tracks = options.tracks, .begin_s = made.begin_s, .end_s = made.end_s, .seed = options.seed});
  made.listeners = make_listeners({.listeners = options.listeners, .plays = options.plays, .begin_s = made.begin_s,
                                   .end_s = made.end_s, .seed = options.seed});
  listen_all(made);
  made.sounds = sound_files(made.world, options.audio_tracks, options.seed);
  return made;
}

Counts count(const Simulation& made) {
  Counts counts;
  for (const auto& plays : made.plays) {
    for (const Play& play : plays) {
      ++counts.plays;
      ++counts.by_kind[static_cast<size_t>(play.kind)];
      counts.repeats += play.kind <= Kind::old_repeat;
      counts.stopped += !play.complete;
      counts.sessions += play.opens_session;
    }
  }
  return counts;
}

}  // namespace segue::simulation
