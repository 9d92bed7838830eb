#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/aligned_array.h"
#include "ranking/packed_kernels.h"
#include "ranking/scores.h"

namespace segue {

/// Questions to item vectors.
struct Queries {
  std::span<const float> vectors;                             // [Q, D]
  std::span<const std::vector<Adjustment>> adjustments = {};  // [Q] in any order, a track at most once; empty: none
};

struct ScoredTrack {
  int32_t track;
  double score;
};

/// Item vectors of N tracks, laid out for scoring by dot product in blocks of 64 tracks, dimension by dimension.
/// The product of a query and a track is one chain of fused multiply-adds from the track's bias on, d = 0 … D - 1. So
/// it has the same bits in every batch, at every place, on every processor and with any number of threads. The score
/// is the product in double plus the adjustment; a score of -inf means that the track never comes.
///
/// All throw Error on a query that is not finite, and std::invalid_argument where shapes or numbers of tracks don't
/// fit. Work is shared out by tracks among threads().
class PackedVectors {
 public:
  struct Options {
    std::span<const float> bias = {};  // [N] added to all scores of a track, -inf: never; empty: 0
    Instructions instructions = instructions_here().back();
  };

  /// vectors: [N, D]. Copies them. Throws Error where one is not finite or a bias is NaN or +inf.
  PackedVectors(std::span<const float> vectors, int64_t width, const Options& options);
  PackedVectors(std::span<const float> vectors, int64_t width);

  int64_t tracks() const { return tracks_; }
  int64_t width() const { return width_; }

  /// The products of all tracks, without adjustments; out: [Q, N].
  void score(std::span<const float> queries, std::span<float> out) const;

  /// The k best members for each query, best first, fewer where fewer can come: by score, train plays, lower number.
  std::vector<std::vector<ScoredTrack>> best(const Queries& queries, int64_t k, const Catalogue& catalogue) const;

  /// places[c][q]: where targets[q] stands among the members of catalogues[c], as Catalogue::place says, except that a
  /// target at -inf is level with others at -inf. A target need not be a member.
  std::vector<std::vector<Place>> place(const Queries& queries, std::span<const int32_t> targets,
                                        std::span<const Catalogue* const> catalogues) const;

  /// For other readers of the same blocks.
  int64_t blocks() const { return (tracks_ + PackedBlock::tracks - 1) / PackedBlock::tracks; }
  PackedBlock block(int64_t b) const;
  const PackedKernels& kernels() const { return *kernels_; }
  /// The product of one query [D] and one track.
  float product(const float* query, int32_t track) const;
  /// Q. Throws as said above.
  int64_t check(const Queries& queries) const;
  void check_catalogue(const Catalogue& catalogue) const;

 private:
  int64_t tracks_, width_;
  AlignedArray<float> vectors_;  // [blocks, D, 64]
  AlignedArray<float> bias_;     // [blocks, 64], -inf behind the last track
  const PackedKernels* kernels_;
};

}  // namespace segue
