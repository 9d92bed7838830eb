#pragma once

#include "sessions/prepared.h"

namespace segue {

/// How much of a listener is known when a question is asked.
struct LastPlays {
  int64_t plays = 50;     // the last so many before it
  bool shuffled = false;  // in a random order: which track was heard, and how far, changes places; times and sessions stay
  uint64_t seed = 1;
};

/// The same questions of a part to rankers that know of a listener his last plays alone, shuffled or not: what is lost by shuffling
/// is what the order told. At the end of the log stand listeners of the same names whose histories are these plays, one history behind another;
/// nothing is learned from them.
struct KnownByLastPlays {
  Prepared prepared;        // the other part has no case
  std::vector<Case> whole;  // [cases] as the whole log has them, which is in the new one, too: slices are by these
  std::string text;         // for a table, behind how the log was split

  KnownByLastPlays(Prepared all, Part part, const LastPlays& known);
};

}  // namespace segue
