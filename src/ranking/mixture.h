#pragma once

#include <functional>
#include <vector>

#include "core/pool.h"
#include "ranking/ranker.h"

namespace segue {

/// Calls visit(track, score) for every track that has a score.
template <class Visit>
void for_each_score(const Scores& scores, const Visit& visit) {
  if (scores.dense()) {
    for (int32_t j = 0; j < scores.tracks(); ++j) visit(j, scores[j]);
  } else {
    for (const auto j : scores.touched()) visit(j, scores[j]);
  }
}

/// Several rankers that hear the same plays and answer one after the other.
class Ensemble {
 public:
  /// scores: of all tracks, in use until the ensemble ends.
  Ensemble(const std::vector<std::unique_ptr<Ranker>>& rankers, int32_t who, Pool<Scores>::Lease scores);
  void hear(const Heard& play);

  /// Calls visit(c, scores, total) for each ranker c that gave a score, the total being the sum over all tracks.
  void ask(int64_t now_ms, const std::function<void(size_t, const Scores&, double)>& visit);

 private:
  std::vector<std::unique_ptr<Scorer>> scorers_;
  Pool<Scores>::Lease scores_;
};

/// Rankers mixed with fixed weights: sum of weight · ln(1 + share / eps), where a ranker's share for a track is its
/// score over the sum of its scores. The shares make rankers comparable; eps says from where on more is not better.
class Mixture : public Ranker {
 public:
  struct Part {
    std::string ranker;  // a name of rankers()
    double weight = 1;
  };
  struct Options {
    double eps = 1;
    std::vector<Part> parts;
  };
  Mixture(const Lesson& lesson, Options options);
  std::unique_ptr<Scorer> read(int32_t who) const override;
  std::string note() const override;

 private:
  Pool<Scores> scores_;
  Options options_;
  std::vector<std::unique_ptr<Ranker>> rankers_;
};

}  // namespace segue
