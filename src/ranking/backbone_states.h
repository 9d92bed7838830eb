#pragma once

#include <functional>
#include <span>
#include <vector>

#include "backbones/sequence_model.h"
#include "fusion/windows.h"
#include "ranking/vector_ranker.h"

namespace segue {

struct ReadOptions {
  int64_t length = 200;       // most plays of a window
  bool case_by_case = false;  // a window for each question instead of windows that serve many
  int64_t plays = 4096;       // in one batch, about; batches are read side by side
  std::vector<Tensor> preface = {};  // the backbone's, where the model has not learned since; empty: it is read now
  /// What is recollected of a listener, where the model can go on from it; null: nothing is. A question is then answered by the
  /// window of the grid below that it falls in, so that for length / 2 plays each is read once; then the older half is
  /// dropped, and the others are read anew.
  std::function<Recollection*(int32_t who)> recollection = {};
};

/// float [asked, D] row by row: the model's state when each question is asked.
///
/// A causal model reads windows once: they begin every length / 2 plays, and a question is answered by the window in
/// whose second half it falls (the first one: anywhere), so it sees length / 2 to length plays and what it sees does not
/// depend on which other questions there are. Models that are not causal, and questions whose target is not the next
/// play, get a window each: the last `length` plays.
std::vector<float> states_of(SequenceModel& model, const PlayTable& table, std::span<const Asked> asked, const ReadOptions& options);

/// The model as rankers want it; the model and the table must outlive it. Where the odds of being finished count in scores, its vectors
/// and states are one number wider than the model's.
VectorModel vector_model(SequenceModel& model, const PlayTable& table, const ReadOptions& options);

}  // namespace segue
