#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "ranking/ranker.h"

namespace segue::testing_logs {

/// A play of a log that fits on paper; it lasts no time.
struct TinyPlay {
  int who = 0;
  int32_t track = 0;
  int64_t minute = 0;
  bool opens = false;  // the first play of a listener opens a session in any case
  Part part = Part::fit;
};

/// plays: by listener, then time. All tracks are in the catalogue.
inline Log tiny_log(const std::vector<TinyPlay>& plays, int64_t tracks, int listeners = 0) {
  Log log;
  log.tracks = tracks;
  log.in_catalogue.assign(static_cast<size_t>(tracks), 1);
  for (const auto& play : plays) listeners = std::max(listeners, play.who + 1);
  for (int u = 0; u < listeners; ++u) {
    log.listeners.push_back(std::string(1, static_cast<char>('a' + u)));
    log.first.push_back(log.plays());
    for (const auto& play : plays) {
      if (play.who != u) continue;
      log.opens.push_back(play.opens || log.first.back() == log.plays());
      log.track.push_back(play.track);
      log.start_ms.push_back(play.minute * 60'000);
      log.moment_ms.push_back(play.minute * 60'000);
      log.part.push_back(play.part);
      log.completion.push_back(0);
      log.completion_kind.push_back(CompletionKind::unknown);
    }
  }
  log.first.push_back(log.plays());
  return log;
}

inline Heard heard(const Log& log, int64_t play) {
  const auto i = static_cast<size_t>(play);
  return {log.track[i], log.start_ms[i], log.moment_ms[i], log.opens[i] != 0};
}

/// Scores of the question asked at `minute` after `who` was heard up to log play `end`; 0 where there are none.
inline std::vector<double> answer(const Ranker& ranker, const Log& log, int32_t who, int64_t end, int64_t minute) {
  const auto scorer = ranker.read(who);
  for (int64_t i = log.first[static_cast<size_t>(who)]; i < end; ++i) scorer->hear(heard(log, i));
  Scores scores(log.tracks);
  scorer->score(minute * 60'000, scores);
  std::vector<double> all;
  for (int32_t j = 0; j < log.tracks; ++j) all.push_back(scores[j]);
  return all;
}

/// The same after all plays of the listener.
inline std::vector<double> answer(const Ranker& ranker, const Log& log, int32_t who, int64_t minute) {
  return answer(ranker, log, who, log.first[static_cast<size_t>(who) + 1], minute);
}

}  // namespace segue::testing_logs
