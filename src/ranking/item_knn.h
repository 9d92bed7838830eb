#pragma once

#include "ranking/learned.h"
#include "ranking/ranker.h"

namespace segue {

/// Item-based nearest neighbours (Sarwar et al., 2001) over plays that stand close together in a session. The
/// similarity of two tracks of the catalogue is c / sqrt(n_a n_b): c pairs of their learned plays at most `window`
/// places apart in one session, n learned plays. A track scores the similarities of the last plays to it, halved every
/// `half_life` plays. Differs from the paper: plays instead of ratings, only near ones, and a memory that fades.
class ItemKnn : public Ranker {
 public:
  struct Options {
    int64_t window = 5;
    int64_t neighbours = 200;  // kept per track: the most similar, equal ones by lower number
    int64_t plays = 30;        // of the history that are looked at
    double half_life = 8;      // plays
  };
  struct Neighbour {
    int32_t track = 0;
    double similarity = 0;
  };
  ItemKnn(const Lesson& lesson, Options options);
  explicit ItemKnn(const Lesson& lesson) : ItemKnn(lesson, Options{}) {}
  std::unique_ptr<Scorer> read(int32_t who) const override;

  /// The nearest tracks, by number.
  std::span<const Neighbour> neighbours(int32_t track) const { return neighbours_[track]; }

 private:
  Options options_;
  Lists<Neighbour> neighbours_;
};

}  // namespace segue
