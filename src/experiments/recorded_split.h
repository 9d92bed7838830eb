#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/files.h"
#include "evaluation/results.h"

namespace segue {

/// What a split's own files show of its questions, counted over them.
struct SplitChecks {
  int64_t twice = 0;         // lists that hold the target more than once
  int64_t duplicates = 0;    // lists that hold another track more than once
  int64_t other_sizes = 0;   // lists with fewer or more candidates than most
  int64_t not_first = 0;     // lists whose first track is not the first play of the part
  int64_t heard = 0;         // negatives that the user plays in train, val or test
  int64_t negatives = 0;
  int64_t trained_targets = 0;    // targets that anybody plays in train
  int64_t trained_negatives = 0;
  int64_t label_targets = 0;      // targets among the last 50 train plays of anybody: E4SRec's labels
  int64_t label_negatives = 0;
  int64_t own_targets = 0;        // targets that the user played in train
  double plays_of_target = 0, plays_of_negative = 0;  // train plays, median
  double more_popular = 0.5;      // how often the target has more train plays than a negative; level counts half
  int64_t unmapped = -1;          // candidates missing in item_id_master_map.csv; -1: there is no such file
};

/// A counter asked the recorded questions.
struct SplitRanker {
  std::string name, about;
  Metrics metrics;  // with intervals by drawing cases
};

/// A split of E4SRec with counters asked exactly its candidates, each once.
struct Split {
  std::string folder, part;
  int64_t cases = 0, candidates = 0;  // different tracks in most lists
  Metrics chance;
  SplitChecks checks;
  std::vector<SplitRanker> rankers;   // popular, own, recent, own+popular
};

/// Reads train.txt, test.txt (val.txt), test_sample.txt (val_sample.txt) and, where there are, the other part and
/// item_id_master_map.csv. part: test or val. Throws Error where a file is missing, a line is not numbers, a user has two
/// lines, or a list names a user without plays.
Split read_split(const Path& folder, const std::string& part, uint64_t seed);

}  // namespace segue
