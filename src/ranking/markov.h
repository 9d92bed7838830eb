#pragma once

#include "ranking/learned.h"
#include "ranking/ranker.h"

namespace segue {

/// How often the track came directly after the track just heard, inside a session: in the learned plays of others and
/// in all that this listener has played.
class Markov : public Ranker {
 public:
  struct Step {
    int32_t next = 0, who = 0;
  };
  explicit Markov(const Lesson& lesson);
  std::unique_ptr<Scorer> read(int32_t who) const override;

 private:
  Lists<Step> steps_;  // by the track before
};

}  // namespace segue
