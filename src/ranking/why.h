#pragma once

#include <vector>

#include "ranking/ranker.h"

namespace segue {

/// One thing that was taken away before a ranker was asked once more, and what became of a track.
struct Cause {
  int64_t play = -1;  // of the log, heard as if it had not been; -1: it was a part of the ranker
  RankerPart part = {RankerPart::Kind::counter, ""};
  double score = 0;   // without it
  int64_t rank = 0;   // without it, 1 is first
};

/// A log in which listeners come behind the others who are one listener, each without another of his last plays. Nothing is
/// learned from theirs.
struct LessOnePlay {
  Log log;
  std::vector<int64_t> play;  // of each such listener the one that is left out, the latest first
  int32_t first = 0;          // the number of the first of them

  /// most: as many plays are left out in turn, at most; one play always stays.
  LessOnePlay(const Log& all, int32_t who, int64_t most);
  int32_t listener(size_t i) const { return first + static_cast<int32_t>(i); }
};

/// Where tracks stand among all that could be recommended.
struct Ranking {
  std::vector<double> score;  // of each track asked about
  std::vector<int64_t> rank;  // behind all others where a track never comes, for nothing is known of it
};

/// Has the scorer hear all plays of listener `who`, and asks it.
void hear_and_score(Scorer& scorer, const Log& log, int32_t who, int64_t now_ms, Scores& scores);
/// leave_out: tracks that may not come.
Ranking ranking_of(const Scores& scores, const Catalogue& catalogue, const std::vector<int32_t>& leave_out, const std::vector<int32_t>& tracks);

/// For each track the causes, those first without which it would stand furthest back. ranker: of the log or, where it reads
/// plays in its log instead of hearing them, of less.log.
std::vector<std::vector<Cause>> causes_of(const Ranker& ranker, const LessOnePlay& less, int32_t who, int64_t now_ms, const Catalogue& catalogue,
                                          const std::vector<int32_t>& leave_out, const std::vector<int32_t>& tracks);

}  // namespace segue
