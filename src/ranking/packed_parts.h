#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "core/parallel.h"
#include "ranking/packed_vectors.h"

namespace segue {

/// How many share out `blocks`: each has buffers of its own.
inline int64_t workers_for(int64_t blocks) { return std::clamp<int64_t>(threads(), 1, std::max<int64_t>(blocks, 1)); }

/// Calls work(worker, first, end) for pieces of 0 … blocks, in any order, on workers_for(blocks) threads. Pieces are
/// many, so that a worker whose processor is taken away holds nobody up.
template <class Work>
void share_out(int64_t blocks, const Work& work) {
  const int64_t workers = workers_for(blocks), piece = std::clamp<int64_t>(blocks / (8 * workers), 1, 128);
  std::atomic<int64_t> next{0};
  parallel_for(workers, [&](int64_t worker) {
    for (int64_t at = next.fetch_add(piece); at < blocks; at = next.fetch_add(piece)) {
      work(worker, at, std::min(at + piece, blocks));
    }
  });
}

/// More train plays first, then the lower number: the order of tracks with equal scores.
inline bool sooner(const Catalogue& catalogue, int32_t a, int32_t b) {
  const auto plays_a = catalogue.plays(a), plays_b = catalogue.plays(b);
  return plays_a != plays_b ? plays_a > plays_b : a < b;
}

/// The k best of the tracks that are offered.
class Leaders {
 public:
  Leaders(int64_t k, const Catalogue& catalogue) : k_(static_cast<size_t>(k)), catalogue_(&catalogue) {}

  /// The track of a score below this cannot come any more. At first the lowest number, which -inf and NaN are below.
  float at_least() const { return at_least_; }

  void offer(float score, int32_t track) {
    const auto better = [this](const Entry& a, const Entry& b) {
      return a.score != b.score ? a.score > b.score : sooner(*catalogue_, a.track, b.track);
    };
    const Entry entry{score, track};
    if (heap_.size() == k_) {
      if (k_ == 0 || !better(entry, heap_.front())) return;
      std::pop_heap(heap_.begin(), heap_.end(), better);
      heap_.back() = entry;
    } else {
      heap_.push_back(entry);
    }
    std::push_heap(heap_.begin(), heap_.end(), better);
    if (heap_.size() == k_) at_least_ = heap_.front().score;
  }

  void append_to(std::vector<ScoredTrack>& all) const {
    for (const auto& entry : heap_) all.push_back({entry.track, entry.score});
  }

 private:
  struct Entry {
    float score;
    int32_t track;
  };
  size_t k_;
  const Catalogue* catalogue_;
  float at_least_ = std::numeric_limits<float>::lowest();
  std::vector<Entry> heap_;  // the worst first
};

/// The k best of `all`, best first.
void keep_best(std::vector<ScoredTrack>& all, int64_t k, const Catalogue& catalogue);

/// The adjustments of a batch by query and track, with the products of their tracks once a sweep has met them.
class Adjusted {
 public:
  struct Entry {
    int32_t track;
    float product;
    double amount;
    double score() const { return static_cast<double>(product) + amount; }
  };

  /// Throws Error on an amount that is NaN or +inf, std::invalid_argument on a track that isn't there or comes twice.
  Adjusted(const Queries& queries, int64_t count, int64_t tracks);

  bool none() const { return entries_.empty(); }
  std::span<Entry> of(int64_t query);
  /// Null if the query does not adjust the track.
  Entry* find(int64_t query, int32_t track);
  /// Throws Error where a product of +inf met an amount of -inf.
  void check_scores() const;

 private:
  std::vector<Entry> entries_;
  std::vector<size_t> first_;  // [Q + 1]
};

/// Walks through the adjustments of some queries while blocks come in order.
class AdjustedCursor {
 public:
  /// For queries first … end - 1, from `track` on.
  AdjustedCursor(Adjusted& adjusted, int64_t first, int64_t end, int32_t track);

  /// Takes the products of adjusted tracks out of scores [count, 64] and leaves NaN, which reaches no bound.
  void take_out(int64_t query, int64_t count, int64_t block, float* scores) {
    const auto end = static_cast<int32_t>((block + 1) * PackedBlock::tracks);
    if (next_.empty()) return;
    for (int64_t i = 0; i < count; ++i) {
      if (next_[static_cast<size_t>(query - first_ + i)] < end) take(query + i, block, scores + i * PackedBlock::tracks);
    }
  }

 private:
  void take(int64_t query, int64_t block, float* scores);

  Adjusted& adjusted_;
  int64_t first_;
  std::vector<int32_t> next_;  // the track of the next entry; the greatest number where there is none
  std::vector<size_t> position_;
};

/// Fetches a share of the next block while this one is worked on: so long after the last that the processor's own
/// prefetcher has given up.
inline void prefetch(std::span<const std::byte> next, int64_t share, int64_t shares) {
  constexpr int64_t line = 64;
  const int64_t lines = std::ssize(next) / line;
  for (int64_t l = lines * share / shares; l < lines * (share + 1) / shares; ++l) {
    __builtin_prefetch(next.data() + l * line, 0, 2);
  }
}

/// Scores blocks first … end - 1 for `queries` queries: visit(first query, count, block, scores [count, 64]).
/// `scorer` has score(first query, count, block, scores) and numbers(block), what it reads of a block.
template <class Scorer, class Visit>
void sweep_blocks(const Scorer& scorer, int64_t queries, Adjusted& adjusted, std::pair<int64_t, int64_t> blocks,
                  const Visit& visit) {
  constexpr int64_t group = PackedKernels::group;
  constexpr int64_t panel = 42 * group;  // queries that stay in the second cache while the blocks go by
  alignas(64) float scores[group * PackedBlock::tracks];
  for (int64_t start = 0; start < queries; start += panel) {
    const int64_t end = std::min(start + panel, queries), groups = (end - start + group - 1) / group;
    AdjustedCursor cursor(adjusted, start, end, static_cast<int32_t>(blocks.first * PackedBlock::tracks));
    for (int64_t b = blocks.first; b < blocks.second; ++b) {
      const auto next = scorer.numbers(std::min(b + 1, blocks.second - 1));
      for (int64_t g = 0; g < groups; ++g) {
        const int64_t q = start + g * group, count = std::min(group, end - q);
        if (groups > 1) prefetch(next, g, groups);
        scorer.score(q, count, b, scores);
        cursor.take_out(q, count, b, scores);
        visit(q, count, b, scores);
      }
    }
  }
}

/// The same for all of `blocks` on all threads: visit(worker, first query, count, block, scores). Adjusted tracks have
/// NaN for a score; their products are in `adjusted` afterwards.
template <class Scorer, class Visit>
void sweep(const Scorer& scorer, int64_t blocks, int64_t queries, Adjusted& adjusted, const Visit& visit) {
  share_out(blocks, [&](int64_t worker, int64_t first, int64_t end) {
    const auto of_worker = [&](auto... what) { visit(worker, what...); };
    sweep_blocks(scorer, queries, adjusted, {first, end}, of_worker);
  });
}

/// Scores in f32.
struct PackedScorer {
  const PackedVectors& vectors;
  const float* queries;  // [Q, D]

  void score(int64_t q, int64_t count, int64_t b, float* scores) const {
    vectors.kernels().score(vectors.block(b), queries + q * vectors.width(), count, scores);
  }
  std::span<const std::byte> numbers(int64_t b) const {
    return std::as_bytes(std::span(vectors.block(b).vectors, static_cast<size_t>(vectors.width() * PackedBlock::tracks)));
  }
};

}  // namespace segue
