#include "sessions/paper_cases.h"

#include <algorithm>
#include <unordered_set>

namespace segue {
namespace {

/// The target, then `negatives` tracks that the listener never played.
std::vector<int32_t> draw(PythonRandom& random, const Log& log, const Case& question, int64_t negatives) {
  const auto u = static_cast<size_t>(question.listener);
  std::unordered_set<int32_t> taken(log.track.begin() + log.first[u], log.track.begin() + log.first[u + 1]);
  std::vector<int32_t> drawn{log.track[static_cast<size_t>(question.target)]};
  const int64_t wanted = std::min(negatives, log.tracks - std::ssize(taken));
  while (std::ssize(drawn) <= wanted) {
    const auto track = static_cast<int32_t>(random.below(static_cast<uint32_t>(log.tracks)));
    if (taken.insert(track).second) drawn.push_back(track);
  }
  return drawn;
}

void ask(Part part, const Log& log, int64_t negatives, PythonRandom& random, std::vector<Case>& cases,
         std::vector<std::vector<int32_t>>& candidates) {
  for (size_t u = 0; u < log.listeners.size(); ++u) {
    const auto from = log.part.begin() + log.first[u], to = log.part.begin() + log.first[u + 1];
    const auto target = std::find(from, to, part);
    if (target == to) continue;
    const auto trained = std::find_if(from, to, [](Part p) { return p >= Part::val; });
    cases.push_back({static_cast<int32_t>(u), target - log.part.begin(), trained - log.part.begin()});
    candidates.push_back(draw(random, log, cases.back(), negatives));
  }
}

}  // namespace

void ask_first_plays(Prepared& out, PythonRandom& random) {
  const int64_t negatives = out.protocol.split.negatives;
  ask(Part::test, out.log, negatives, random, out.test, out.test_candidates);
  ask(Part::val, out.log, negatives, random, out.val, out.val_candidates);
}

}  // namespace segue
