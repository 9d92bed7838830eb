#pragma once

#include <vector>

#include "ranking/ranker.h"

namespace segue {

/// Plays of a track, by everyone, that the lesson learns from.
class Popular : public Ranker {
 public:
  explicit Popular(const Lesson& lesson);
  std::unique_ptr<Scorer> read(int32_t who) const override;
  bool personal() const override { return false; }

 private:
  std::vector<double> plays_;  // [N]
};

/// Plays of a track, by anyone, before the moment of the question, each halved every `half_life_days`. The only ranker
/// that goes on counting what others play after the parts it learns from.
class RecentlyPopular : public Ranker {
 public:
  struct Options {
    double half_life_days = 14;
  };
  explicit RecentlyPopular(const Lesson& lesson, Options options);
  explicit RecentlyPopular(const Lesson& lesson) : RecentlyPopular(lesson, Options{}) {}
  std::unique_ptr<Scorer> read(int32_t who) const override;
  bool personal() const override { return false; }

 private:
  const Log& log_;
  double half_life_ms_;
  std::vector<int64_t> by_time_;  // all plays, by moment
};

}  // namespace segue
