#pragma once

#include <cstdint>
#include <vector>

#include "listening/plays.h"

namespace segue {

/// What became of a source's rows when they met those that were there before.
struct MergeCounts {
  /// Rows of one kind, and the first of them in their source.
  struct Flagged {
    int64_t count = 0;
    uint32_t row = 0;
    int32_t spelling = -1;
  };
  int64_t added = 0;
  int64_t already_known = 0;  // the same play as one of another source: not added
  int64_t refined = 0;        // of `already_known`: the old row took a finer time or a played time from the new one
  Flagged duplicate, mended, odd_date;  // of `added`
};

/// Puts the new plays of one listener, all of one source, among the old ones.
///
///  M1  Rows of the source that are equal in time, played time and spelling keys are duplicates: all stay, all but the
///      first are flagged. `identity`: number of the raw keys of each spelling (raw_identity).
///  M2  A new row and an old one of another source are one play if listener and track are the same and the starts are
///      no further apart than the coarser of their errors. Each old row is matched once: first equal starts, then the
///      nearest. The finer start is kept, and what only one of them knows (played time, reason, skip).
///  M3  The result is in the order of (moment, source, row).
///
/// track: [spellings]; identity: [spellings].
MergeCounts merge_plays(std::vector<PlayRow>& old, std::vector<PlayRow> fresh, const std::vector<int32_t>& track,
                        const std::vector<int32_t>& identity);

/// Of the new plays with a known played time that lie inside the span of the old ones: how many overlap by more than
/// two minutes with an old play of another track. One person hears one track at a time.
struct Overlap {
  int64_t inside = 0, impossible = 0;
};
Overlap overlap(const std::vector<PlayRow>& old, const std::vector<PlayRow>& fresh, const std::vector<int32_t>& track);

}  // namespace segue
