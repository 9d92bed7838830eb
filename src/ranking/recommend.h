#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ranking/ranker.h"
#include "ranking/why.h"

namespace segue {

/// Makes a trained ranker that will be asked these questions.
using MakeTrained = std::function<std::unique_ptr<Ranker>(const Lesson&, const std::vector<Asked>&)>;

struct RecommendOptions {
  std::string ranker = "counters";
  MakeTrained trained = {};     // used in place of `ranker` if there is one
  int64_t k = 20;
  bool only_new = false;       // nothing the listener has played
  int64_t per_artist = 0;      // at most so many of one artist; 0: any number
  std::optional<int64_t> at_ms;  // when; else right after the last play
  uint64_t seed = 1;
  int64_t why = 0;             // that many of the latest plays, and every part of the ranker, are taken away in turn; 0: nothing is
};

struct Recommended {
  int32_t track = 0;
  double score = 0;
  int64_t plays = 0;           // by this listener
  int64_t last_played_ms = 0;  // 0 where never
  int64_t rank = 0;            // among all that could be recommended, tracks of one artist too
  std::vector<Cause> why = {};
};

/// What comes next for listener number `who` of the log, best first; fitted on all of the log.
/// artist: [N] number of each track's artist. Throws Error if the listener has no plays.
std::vector<Recommended> recommend(const Log& log, int32_t who, const std::vector<int32_t>& artist, const RecommendOptions& options);

}  // namespace segue
