#pragma once

#include "ranking/packed_vectors.h"

namespace segue {

/// Item vectors in 8 bits a number beside those in f32, for finding the best with a fourth of the reading. A bound on
/// what rounding can do to a score (Cauchy and Schwarz: |q · r| is at most |q| |r|, r being what rounding took from a
/// vector) says which tracks may be among the k best; these are scored in f32. So nothing is missed, and the answer is
/// that of PackedVectors::best to the bit. It is slow where scores lie closer than the bound, but never wrong.
class CoarseVectors {
 public:
  /// Keeps a reference to `exact`.
  explicit CoarseVectors(const PackedVectors& exact);

  struct Work {
    int64_t scored_again = 0;    // tracks scored in f32, over all queries
    bool beyond_bounds = false;  // numbers so large that all was done in f32
  };
  /// As PackedVectors::best; says in `work`, if given, what it took.
  std::vector<std::vector<ScoredTrack>> best(const Queries& queries, int64_t k, const Catalogue& catalogue,
                                             Work* work = nullptr) const;

  /// For the scorer of a sweep.
  CoarseBlock block(int64_t b) const;

 private:
  /// How far a score may be off: for query q and track t at most a_q · lost_t + b_q · length_t + c · bias_t.
  struct Errors {
    float lost, length, bias;  // |v - rounded v|, |rounded v|, |bias|; each rounded up
  };
  struct Rounded;
  class Finder;
  Errors round_track(int64_t b, int64_t lane);

  const PackedVectors& exact_;
  int64_t width_;                // a multiple of 4
  AlignedArray<uint8_t> codes_;  // [blocks, W / 4, 64, 4]
  AlignedArray<float> scale_;    // [blocks, 64]
  std::vector<Errors> of_track_;  // [blocks · 64]
  std::vector<Errors> of_block_;  // [blocks] the greatest of each
  Errors greatest_ = {};
};

}  // namespace segue
