#pragma once

#include <memory>
#include <vector>

#include "core/tensor.h"
#include "layers/dropout.h"

namespace segue {

/// Runs of plays of several listeners, oldest first, padded on the right.
///
/// What stands at a play is what is known when the question after it is asked: how far it was heard, and how long ago
/// it ended. A hidden play (for models that guess plays within a window) tells nothing of itself, only what followed the
/// track before it, if that is not hidden too.
struct Batch {
  Tensor track;            // int64 [B, T] place of the track among the item vectors of the step; 0 where padded
  Tensor played;           // bool [B, T] not padding
  Tensor hidden;           // bool [B, T] to be guessed; undefined where none is
  Tensor new_session;      // bool [B, T] opens a session
  Tensor gap_s;            // float [B, T] from the end of the play to the next question
  Tensor completion;       // float [B, T] 0 … 1, 0 where unknown
  Tensor completion_kind;  // int64 [B, T] 0 unknown, 1 inferred, 2 real
  Tensor followed;         // int64 [B, T, E] places of what followed this track the last E times before; -1 where nothing did
  Tensor slot;             // int64 [B, T] position: of the t-th play of a window t, whatever comes after it
  std::vector<std::vector<int32_t>> words = {};  // [B] tokens that tell of the row's last plays; empty where nothing is told
  std::vector<Tensor> preface = {};  // what the backbone has read before, for all rows; empty: nothing
  std::shared_ptr<Noise> noise;  // of a training step; none where the model is used

  /// Rows first, first + stride, …, padded no further than the longest of them. Their noise must be told apart.
  Batch every(int64_t first, int64_t stride) const;

  int64_t rows() const { return track.size(0); }
  int64_t length() const { return track.size(1); }
};

}  // namespace segue
