#pragma once

#include <vector>

#include "language/decoder.h"

namespace segue {

/// Rows of which some places were read before, behind something that all share.
struct ResumeSizes {
  int64_t shared = 0;                // places that all rows have in front
  std::vector<int64_t> kept = {}, fresh = {};  // [B] places read before, and to be read, at least 1

  int64_t most_kept() const { return *std::max_element(kept.begin(), kept.end()); }
  int64_t most_fresh() const { return *std::max_element(fresh.begin(), fresh.end()); }
};

/// How such rows are read: L places each, padded on the right, behind shared + K, K the most that is kept.
struct ResumeRows {
  Tensor positions;  // int64 [B, L]
  Tensor visible;    // bool [B, 1, L, shared + K + L]
  Tensor last;       // int64 [B] places b · L + t of the rows' ends
};
ResumeRows resume_rows(const ResumeSizes& sizes);

/// What the decoder has read of all rows: the shared places and the kept ones of each row, kept [layers · 2, key heads, P, head] as
/// `kept_of` gives it; undefined where nothing is kept.
KeyValues resumed_past(const KeyValues& shared, const std::vector<Tensor>& kept, const ResumeSizes& sizes);

/// Of one row, once its fresh places were read, all but the shared ones.
Tensor kept_of(const KeyValues& read, int64_t row, const ResumeSizes& sizes);

}  // namespace segue
