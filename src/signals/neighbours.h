#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "signals/signal.h"

namespace segue {

/// The known vectors of a signal, made comparable: of length 1 as they are where the encoder makes them so, else each number
/// with mean 0 and deviation 1 over the tracks first (numbers that are not known become 0, the mean). Likeness is the cosine.
class Neighbourhoods {
 public:
  explicit Neighbourhoods(const Signal& signal);

  struct Near {
    int32_t track = 0;
    double likeness = 0;  // cosine
  };
  size_t size() const { return track_.size(); }
  const std::vector<int32_t>& tracks() const { return track_; }
  bool standardised() const { return standardised_; }
  /// [n, D] of length 1, or 0.
  const std::vector<float>& units() const { return units_; }

  /// The k tracks most like one, itself left out; of equal ones the lower number first. Throws Error where the track has no
  /// vector.
  std::vector<Near> nearest(int32_t track, size_t k) const;
  /// The k tracks most like a vector [D] of the signal's space.
  std::vector<Near> nearest(std::span<const float> vector, size_t k) const;

 private:
  void standardise(const Signal& signal);
  std::vector<Near> best(std::span<const float> unit, size_t k, int32_t but) const;

  int64_t width_;
  bool standardised_ = false;
  std::vector<int32_t> track_;
  std::vector<float> units_;
  std::vector<float> mean_, deviation_;  // [D] where standardised
};

/// Places on a plane, of which near ones are alike: t-SNE (van der Maaten & Hinton, 2008) of rows of length 1, begun from the
/// two directions in which they vary most. Exact, so at most some thousand rows.
/// units [n, D] → [n, 2] within -1 … 1
std::vector<float> places_on_a_plane(std::span<const float> units, int64_t width, uint64_t seed);

}  // namespace segue
