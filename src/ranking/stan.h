#pragma once

#include "ranking/neighbourhood.h"

namespace segue {

/// Sequence and time aware neighbourhood, STAN (Garg et al., SIGIR 2019). Three decays: a shared track counts less the
/// longer ago it was heard in the query; a session less the further it is in time; a track of that session less the
/// further it stands from the latest shared one. Differs from the paper: a track played twice stands at its last play;
/// sessions are sampled by nearness in time; the listener's own earlier sessions are among them; the decays are set for
/// music, which comes back after months, where the paper's suit shops.
class Stan : public Ranker {
 public:
  struct Options {
    int64_t longest = 20;       // plays of the query
    int64_t sample = 1000;      // sessions nearest in time that are looked at
    int64_t neighbours = 100;   // of these, by similarity
    double query_plays = 1;     // λ1: how many plays ago a shared track counts 1/e
    double between_days = 120;  // λ2
    double session_places = 3;  // λ3
  };
  Stan(const Lesson& lesson, Options options) : options_(options), index_(lesson) {}
  explicit Stan(const Lesson& lesson) : Stan(lesson, Options{}) {}
  std::unique_ptr<Scorer> read(int32_t who) const override;

 private:
  Options options_;
  SessionIndex index_;
};

}  // namespace segue
