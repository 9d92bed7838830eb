#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace segue {

class PackedVectors;

/// Scores of all tracks for one question: a track that nobody added to scores 0. Made once, cleared per question.
class Scores {
 public:
  explicit Scores(int64_t tracks) : score_(static_cast<size_t>(tracks)), stamp_(static_cast<size_t>(tracks)) {}

  /// Clears in constant time.
  void clear() {
    touched_.clear();
    dense_ = false;
    vectors_ = nullptr;
    ++now_;
  }

  void add(int32_t track, double amount) {
    const auto j = static_cast<size_t>(track);
    if (stamp_[j] != now_) {
      stamp_[j] = now_;
      score_[j] = 0;
      touched_.push_back(track);
    }
    score_[j] += amount;
  }

  /// All scores to write into, set to 0 before, for a scorer that knows something of every track. After clear() only.
  std::span<double> all();

  /// Every track scores the product of its vector with a query, to which additions come on top. Returns the query
  /// [vectors' width], to be filled. After clear() only; the vectors must outlive the scores.
  std::span<float> products(const PackedVectors& vectors);
  const PackedVectors* vectors() const { return vectors_; }  // null where the scores are no products
  std::span<const float> query() const { return query_; }
  /// What was added to a track, on top of a product.
  double added(int32_t track) const { return has(track) ? score_[static_cast<size_t>(track)] : 0.0; }

  bool dense() const { return dense_; }
  /// [N] where dense only: what was written into all().
  std::span<const double> dense_values() const { return score_; }
  /// Tracks that were added to, in the order of their first addition; empty where dense.
  const std::vector<int32_t>& touched() const { return touched_; }
  bool has(int32_t track) const { return dense_ || stamp_[static_cast<size_t>(track)] == now_; }
  double operator[](int32_t track) const { return vectors_ == nullptr ? added(track) : product_of(track) + added(track); }
  int64_t tracks() const { return static_cast<int64_t>(score_.size()); }

 private:
  double product_of(int32_t track) const;

  std::vector<double> score_;
  std::vector<uint64_t> stamp_;
  std::vector<int32_t> touched_;
  uint64_t now_ = 1;
  bool dense_ = false;
  const PackedVectors* vectors_ = nullptr;
  std::vector<float> query_;
};

/// What was added on top of products, for kernels that rank many questions at once.
struct Adjustment {
  int32_t track;
  double amount;  // -inf: the track never comes
};
std::vector<Adjustment> additions(const Scores& scores);

/// Where a target came to stand: tracks above it and tracks level with it, itself not counted.
struct Place {
  int32_t above = 0, level = 0;
};

/// The tracks that are ranked, and the order among equal scores: more train plays first (R1 of the protocol).
class Catalogue {
 public:
  /// member: [N] 1 where the track is ranked. plays: [N] train plays.
  Catalogue(const std::vector<uint8_t>& member, const std::vector<int64_t>& plays);

  bool has(int32_t track) const { return member_[static_cast<size_t>(track)] != 0; }
  int64_t size() const { return static_cast<int64_t>(members_.size()); }
  int64_t tracks() const { return static_cast<int64_t>(member_.size()); }  // N
  int64_t plays(int32_t track) const { return plays_[static_cast<size_t>(track)]; }
  /// has() as bits, 64 tracks to a word, the first in the lowest bit; no bit is set behind track N - 1.
  std::span<const uint64_t> bits() const { return bits_; }

  /// By score, then by train plays; scores within 1e-9 of the target's (relative) are equal. The target must be a
  /// member. Throws Error on NaN. Takes time by the tracks touched, or by the members where the scores are dense.
  Place place(const Scores& scores, int32_t target) const;
  /// The same among `candidates` only, members or not, which hold the target once.
  Place place_among(const Scores& scores, int32_t target, std::span<const int32_t> candidates) const;
  /// The k best members, best first: by score, train plays, lower number. `leave_out`: tracks that may not come.
  /// Equal means the same double here, for a tolerance orders two tracks but not three.
  std::vector<int32_t> best(const Scores& scores, int64_t k, std::span<const int32_t> leave_out = {}) const;

 private:
  Place place_dense(const Scores& scores, int32_t target) const;
  Place place_products(const Scores& scores, int32_t target) const;
  std::vector<int32_t> best_products(const Scores& scores, int64_t k, std::span<const int32_t> leave_out) const;

  std::vector<uint8_t> member_;
  std::vector<int64_t> plays_;
  std::vector<int64_t> more_, same_;  // members with more plays than c, with c plays
  std::vector<int32_t> members_;      // by number
  std::vector<int32_t> by_plays_;     // most plays first, then by number
  std::vector<uint64_t> bits_;
};

}  // namespace segue
