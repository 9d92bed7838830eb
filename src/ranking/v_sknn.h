#pragma once

#include "ranking/neighbourhood.h"

namespace segue {

/// Vector multiplication session-based nearest neighbours (Ludewig & Jannach, 2018, arXiv:1803.09587), `div` for both
/// the weights of the query and those of the scores. Differs from the paper: the nearest in time of all sessions are
/// looked at instead of the most recent, and the listener's own earlier sessions are among them.
class VSknn : public Ranker {
 public:
  struct Options {
    int64_t longest = 20;      // plays of the query
    int64_t sample = 1000;     // sessions nearest in time that are looked at
    int64_t neighbours = 100;  // of these, by overlap
  };
  VSknn(const Lesson& lesson, Options options) : options_(options), index_(lesson) {}
  explicit VSknn(const Lesson& lesson) : VSknn(lesson, Options{}) {}
  std::unique_ptr<Scorer> read(int32_t who) const override;

 private:
  Options options_;
  SessionIndex index_;
};

}  // namespace segue
