#include "ranking/scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>

#include "core/error.h"
#include "ranking/packed_vectors.h"

namespace segue {
namespace {

/// Scores that count as the target's: from low to high. NaN compares false with both bounds, so it would pass as level.
struct Band {
  double low, high;
  explicit Band(double score) : low(score - 1e-9 * std::abs(score)), high(score + 1e-9 * std::abs(score)) {}
};

double checked(double score, int32_t track) {
  if (std::isnan(score)) throw Error("the score of track {} is not a number", track);
  return score;
}

}  // namespace

std::span<double> Scores::all() {
  if (dense_ || !touched_.empty()) throw std::logic_error("Scores::all: wants clear scores, but tracks were added to");
  dense_ = true;
  std::fill(score_.begin(), score_.end(), 0.0);
  return score_;
}

std::span<float> Scores::products(const PackedVectors& vectors) {
  if (dense_ || !touched_.empty()) throw std::logic_error("Scores::products: wants clear scores, but tracks were added to");
  vectors_ = &vectors;
  query_.assign(static_cast<size_t>(vectors.width()), 0.0F);
  return query_;
}

double Scores::product_of(int32_t track) const { return vectors_->product(query_.data(), track); }

std::vector<Adjustment> additions(const Scores& scores) {
  std::vector<Adjustment> all;
  for (const int32_t track : scores.touched()) all.push_back({track, scores.added(track)});
  return all;
}

Catalogue::Catalogue(const std::vector<uint8_t>& member, const std::vector<int64_t>& plays)
    : member_(member), plays_(plays) {
  int64_t most = 0;
  bits_.resize((member_.size() + 63) / 64);
  for (size_t j = 0; j < member_.size(); ++j) {
    most = std::max(most, plays_[j]);
    if (member_[j] == 0) continue;
    members_.push_back(static_cast<int32_t>(j));
    bits_[j / 64] |= uint64_t{1} << (j % 64);
  }
  by_plays_ = members_;
  std::stable_sort(by_plays_.begin(), by_plays_.end(), [&](int32_t a, int32_t b) {
    return plays_[static_cast<size_t>(a)] > plays_[static_cast<size_t>(b)];
  });
  same_.assign(static_cast<size_t>(most) + 1, 0);
  more_.assign(static_cast<size_t>(most) + 1, 0);
  for (const auto j : members_) ++same_[static_cast<size_t>(plays_[static_cast<size_t>(j)])];
  for (size_t c = static_cast<size_t>(most); c > 0; --c) more_[c - 1] = more_[c] + same_[c];
}

Place Catalogue::place(const Scores& scores, int32_t target) const {
  if (scores.dense()) return place_dense(scores, target);
  if (scores.vectors() != nullptr) return place_products(scores, target);
  const double score = checked(scores[target], target);
  const Band band(score);
  const auto plays = plays_[static_cast<size_t>(target)];
  // First as if nothing but the target had been touched, then each touched track is moved to where it belongs.
  const bool zero_above = 0.0 > band.high, zero_level = !zero_above && 0.0 >= band.low;
  int64_t above = zero_above ? size() - 1 : 0, level = 0;
  if (zero_level) {
    above = more_[static_cast<size_t>(plays)];
    level = same_[static_cast<size_t>(plays)] - 1;
  }
  for (const auto j : scores.touched()) {
    if (j == target || !has(j)) continue;
    const double other = checked(scores[j], j);
    const auto its = plays_[static_cast<size_t>(j)];
    const bool tied = other <= band.high && other >= band.low;
    above += (other > band.high || (tied && its > plays)) - (zero_above || (zero_level && its > plays));
    level += (tied && its == plays) - (zero_level && its == plays);
  }
  return {static_cast<int32_t>(above), static_cast<int32_t>(level)};
}

/// Counts first, without branches; who is level is looked at only if anyone is.
Place Catalogue::place_dense(const Scores& scores, int32_t target) const {
  const Band band(checked(scores[target], target));
  const double* const score = scores.dense_values().data();
  int64_t above = 0, below = 0;
  if (size() == scores.tracks()) {
    for (int64_t j = 0; j < size(); ++j) {
      above += score[j] > band.high;
      below += score[j] < band.low;
    }
  } else {
    for (const auto j : members_) {
      above += score[j] > band.high;
      below += score[j] < band.low;
    }
  }
  const bool alone = above + below == size() - 1;  // a NaN is neither above nor below
  return alone ? Place{static_cast<int32_t>(above), 0} : place_among(scores, target, members_);
}

Place Catalogue::place_products(const Scores& scores, int32_t target) const {
  const std::vector<Adjustment> added[] = {additions(scores)};
  const int32_t targets[] = {target};
  const Catalogue* catalogues[] = {this};
  return scores.vectors()->place({scores.query(), added}, targets, catalogues).front().front();
}

Place Catalogue::place_among(const Scores& scores, int32_t target, std::span<const int32_t> candidates) const {
  const Band band(checked(scores[target], target));
  const auto plays = plays_[static_cast<size_t>(target)];
  Place place;
  for (const auto j : candidates) {
    const double score = scores[j];
    if (score > band.high) {
      ++place.above;
    } else if (!(score < band.low) && j != target) {
      checked(score, j);
      place.above += plays_[static_cast<size_t>(j)] > plays;
      place.level += plays_[static_cast<size_t>(j)] == plays;
    }
  }
  return place;
}

std::vector<int32_t> Catalogue::best_products(const Scores& scores, int64_t k, std::span<const int32_t> leave_out) const {
  constexpr double never = -std::numeric_limits<double>::infinity();
  std::map<int32_t, double> amount;
  for (const auto& one : additions(scores)) amount[one.track] = one.amount;
  for (const int32_t track : leave_out) amount[track] = never;
  std::vector<Adjustment> added[1];
  for (const auto& [track, much] : amount) added[0].push_back({track, much});
  const auto best = scores.vectors()->best({scores.query(), added}, k, *this);
  std::vector<int32_t> tracks;
  for (const auto& one : best.front()) tracks.push_back(one.track);
  return tracks;
}

std::vector<int32_t> Catalogue::best(const Scores& scores, int64_t k, std::span<const int32_t> leave_out) const {
  if (scores.vectors() != nullptr) return best_products(scores, k, leave_out);
  std::vector<int32_t> out(leave_out.begin(), leave_out.end());
  std::sort(out.begin(), out.end());
  const auto may_come = [&](int32_t j) { return has(j) && !std::binary_search(out.begin(), out.end(), j); };

  std::vector<int32_t> pool;
  const auto& known = scores.dense() ? members_ : scores.touched();
  std::copy_if(known.begin(), known.end(), std::back_inserter(pool), may_come);
  for (const auto j : pool) checked(scores[j], j);
  // Of the tracks without a score, which are level, only the k most played can be among the best.
  int64_t missing = scores.dense() ? 0 : k;
  for (auto j = by_plays_.begin(); j != by_plays_.end() && missing > 0; ++j) {
    if (scores.has(*j) || !may_come(*j)) continue;
    pool.push_back(*j);
    --missing;
  }

  const auto better = [&](int32_t a, int32_t b) {
    if (scores[a] != scores[b]) return scores[a] > scores[b];
    const auto plays_a = plays_[static_cast<size_t>(a)], plays_b = plays_[static_cast<size_t>(b)];
    return plays_a != plays_b ? plays_a > plays_b : a < b;
  };
  const auto end = pool.begin() + std::clamp<int64_t>(k, 0, static_cast<int64_t>(pool.size()));
  if (end != pool.end()) std::nth_element(pool.begin(), end, pool.end(), better);
  std::sort(pool.begin(), end, better);
  pool.erase(end, pool.end());
  return pool;
}

}  // namespace segue
