#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "core/error.h"
#include "ranking/packed_parts.h"

namespace segue {
namespace {

constexpr int64_t group = PackedKernels::group, lanes = PackedBlock::tracks;
constexpr int64_t most_catalogues = 4;
constexpr float most = std::numeric_limits<float>::max();

/// The least float that is x or more.
float float_at_least(double x) {
  if (x > most) return INFINITY;
  if (x < -most) return x == -INFINITY ? -INFINITY : -most;
  const auto near = static_cast<float>(x);
  return near >= x ? near : std::nextafter(near, INFINITY);
}

/// The least float above x; NaN, which no score reaches, where there is none.
float float_above(double x) {
  if (x >= most) return x == INFINITY ? NAN : INFINITY;
  if (x < -most) return -most;
  const auto near = static_cast<float>(x);
  return near > x ? near : std::nextafter(near, INFINITY);
}

/// A target and the scores that count as equal to its own, as in Catalogue::place.
struct Target {
  int32_t track;
  double low, high;
};

/// What a worker has counted.
struct Counts {
  std::vector<int32_t> above, level;  // [Q, catalogues]
};

class Placing {
 public:
  Placing(std::vector<Target> targets, std::span<const Catalogue* const> catalogues, const PackedVectors& vectors)
      : targets_(std::move(targets)), catalogues_(catalogues), kernels_(vectors.kernels()) {
    for (const auto& target : targets_) {
      at_least_.push_back(float_at_least(target.low));
      above_.push_back(float_above(target.high));
    }
    const std::vector<int32_t> none(targets_.size() * catalogues.size());
    workers_.assign(static_cast<size_t>(workers_for(vectors.blocks())), {none, none});
  }

  void count(int64_t w, int64_t first, int64_t some, int64_t b, const float* scores) {
    const auto n = std::ssize(catalogues_);
    Counts& counts = workers_[static_cast<size_t>(w)];
    uint64_t reached[group], over[group], members[most_catalogues], anyone = 0;
    for (int64_t c = 0; c < n; ++c) {
      members[c] = catalogues_[static_cast<size_t>(c)]->bits()[static_cast<size_t>(b)];
      anyone |= members[c];
    }
    kernels_.reach(scores, at_least_.data() + first, some, reached);
    kernels_.reach(scores, above_.data() + first, some, over);
    kernels_.tally(over, some, members, n, counts.above.data() + first * n);
    for (int64_t i = 0; i < some; ++i) {
      for (uint64_t left = reached[i] & ~over[i] & anyone; left != 0; left &= left - 1) {
        tied(counts, first + i, static_cast<int32_t>(b * lanes + std::countr_zero(left)));
      }
    }
  }

  /// The adjusted tracks, which the sweep has left out.
  void count(Adjusted& adjusted) {
    for (int64_t q = 0; q < std::ssize(targets_); ++q) {
      const auto& [target, low, high] = targets_[static_cast<size_t>(q)];
      for (const auto& entry : adjusted.of(q)) {
        const double score = entry.score();
        if (score >= low && score <= high) tied(workers_[0], q, entry.track);
        if (!(score > high) || entry.track == target) continue;
        for (size_t c = 0; c < catalogues_.size(); ++c) {
          workers_[0].above[static_cast<size_t>(q) * catalogues_.size() + c] += catalogues_[c]->has(entry.track);
        }
      }
    }
  }

  std::vector<std::vector<Place>> places() const {
    std::vector<std::vector<Place>> all(catalogues_.size(), std::vector<Place>(targets_.size()));
    for (const auto& counts : workers_) {
      for (size_t i = 0; i < counts.above.size(); ++i) {
        Place& place = all[i % catalogues_.size()][i / catalogues_.size()];
        place.above += counts.above[i];
        place.level += counts.level[i];
      }
    }
    return all;
  }

 private:
  void tied(Counts& counts, int64_t q, int32_t track) const {
    const auto target = targets_[static_cast<size_t>(q)].track;
    if (track == target) return;
    for (size_t c = 0; c < catalogues_.size(); ++c) {
      if (!catalogues_[c]->has(track)) continue;
      const auto its = catalogues_[c]->plays(track), plays = catalogues_[c]->plays(target);
      const auto at = static_cast<size_t>(q) * catalogues_.size() + c;
      counts.above[at] += its > plays;
      counts.level[at] += its == plays;
    }
  }

  std::vector<Target> targets_;
  std::span<const Catalogue* const> catalogues_;
  const PackedKernels& kernels_;
  std::vector<float> at_least_, above_;  // [Q] the bounds of the targets as floats
  std::vector<Counts> workers_;
};

/// Scores within a billionth of the target's; the arithmetic of the bounds is that of Catalogue::place.
Target target_at(int32_t track, double score) {
  if (std::isinf(score)) return {track, score, score};  // a billionth of it is infinite as well
  return {track, score - 1e-9 * std::abs(score), score + 1e-9 * std::abs(score)};
}

}  // namespace

std::vector<std::vector<Place>> PackedVectors::place(const Queries& queries, std::span<const int32_t> targets,
                                                     std::span<const Catalogue* const> catalogues) const {
  const int64_t count = check(queries);
  if (std::ssize(targets) != count) throw std::invalid_argument("PackedVectors::place: wants a target for every query");
  if (std::ssize(catalogues) > most_catalogues) throw std::invalid_argument("PackedVectors::place: too many catalogues");
  for (const auto* catalogue : catalogues) check_catalogue(*catalogue);
  Adjusted adjusted(queries, count, tracks_);
  std::vector<Target> bands;
  for (int64_t q = 0; q < count; ++q) {
    const auto track = targets[static_cast<size_t>(q)];
    if (track < 0 || track >= tracks_) throw std::invalid_argument("PackedVectors::place: no such target");
    double score = product(queries.vectors.data() + q * width_, track);
    if (const auto* const entry = adjusted.find(q, track)) score += entry->amount;
    if (std::isnan(score)) throw Error("the score of track {} is not a number", track);
    bands.push_back(target_at(track, score));
  }
  Placing placing(std::move(bands), catalogues, *this);
  const auto visit = [&](auto... what) { placing.count(what...); };
  sweep(PackedScorer{*this, queries.vectors.data()}, blocks(), count, adjusted, visit);
  adjusted.check_scores();
  placing.count(adjusted);
  return placing.places();
}

}  // namespace segue
