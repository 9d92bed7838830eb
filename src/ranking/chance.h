#pragma once

#include "ranking/ranker.h"

namespace segue {

/// A new random order of all tracks for every question; the same for the same seed, listener and question.
class Chance : public Ranker {
 public:
  explicit Chance(const Lesson& lesson) : seed_(lesson.seed) {}
  std::unique_ptr<Scorer> read(int32_t who) const override;
  bool goes_by_plays() const override { return false; }

 private:
  uint64_t seed_;
};

}  // namespace segue
