#pragma once

#include "ranking/ranker.h"

namespace segue {

/// What the listener played next when he had last heard the same tracks in the same order: sum over his plays p that
/// came after the track just heard of per_match^(m - 1) / sqrt(distance of p), m = how many plays before p are equal
/// to his last ones, at most `longest`. Sessions don't matter, and other listeners neither.
class Follow : public Ranker {
 public:
  struct Options {
    int64_t longest = 3;
    double per_match = 10;
  };
  Follow(const Lesson& lesson, Options options) : tracks_(lesson.log.tracks), options_(options) {}
  explicit Follow(const Lesson& lesson) : Follow(lesson, Options{}) {}
  std::unique_ptr<Scorer> read(int32_t who) const override;

 private:
  int64_t tracks_;
  Options options_;
};

}  // namespace segue
