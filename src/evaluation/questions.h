#pragma once

#include <functional>
#include <vector>

#include "evaluation/summary.h"
#include "ranking/ranker.h"
#include "sessions/prepared.h"

namespace segue {

/// The cases of one part with all that is needed to judge an answer.
struct Questions {
  /// about: whose cases are asked; empty: everyone's. most: of them, evenly spread; 0: all. among_unplayed: `catalogue` has the
  /// tracks that nobody plays in train. whole: the cases of the part by which their slices are told, in the same log; empty: as they are.
  Questions(const Prepared& prepared, Part part, int64_t negatives, uint64_t seed, const std::function<bool(int32_t)>& about = {}, int64_t most = 0,
            bool among_unplayed = false, const std::vector<Case>& whole = {});

  /// The cases without their answers.
  std::vector<Asked> asked() const;

  const Log& log;
  std::vector<Case> cases;                        // by listener, then by history
  std::vector<CaseInfo> info;                     // [cases]
  std::vector<std::vector<int32_t>> candidates;   // [cases] the target first; empty: the catalogue
  std::vector<std::vector<int32_t>> relevant;     // [cases] sorted; empty: the target alone is right
  Catalogue catalogue, everything;
  std::vector<int32_t> artist;                    // [N] number of its name

 private:
  Questions(const Prepared& prepared, Part part, const std::vector<size_t>& asked, int64_t negatives, uint64_t seed, bool among_unplayed, const std::vector<Case>& whole);
};

/// What one ranker answered.
struct Answers {
  std::vector<Place> catalogue, everything;  // [cases] above = -1 where not ranked
  std::vector<std::vector<double>> values;   // [cases, measures()] of lists, where many tracks are right; else empty
  std::map<std::string, double> lists;       // coverage@20, gini@20, repeats@20, artists@20; with many right tracks ndcg@40 too
  double seconds = 0;
};

/// Asks one ranker all questions: listener by listener, or in the order of time if it is not personal.
Answers ask(const Ranker& ranker, const Questions& questions);

}  // namespace segue
