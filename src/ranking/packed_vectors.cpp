#include "ranking/packed_vectors.h"

#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "core/error.h"
#include "ranking/packed_parts.h"

namespace segue {
namespace {

constexpr int64_t group = PackedKernels::group, lanes = PackedBlock::tracks;

/// Throws Error if any of rows [R, width] is not finite.
void check_finite(std::span<const float> rows, int64_t width, const char* what) {
  const float* row = rows.data();
  for (int64_t r = 0; r < std::ssize(rows) / width; ++r, row += width) {
    bool finite = true;
    for (int64_t d = 0; d < width; ++d) finite &= std::abs(row[d]) <= std::numeric_limits<float>::max();
    if (finite) continue;
    const auto* const bad = std::find_if_not(row, row + width, [](float x) { return std::isfinite(x); });
    throw Error("number {} of the vector of {} {} is {}; all must be finite", bad - row, what, r, *bad);
  }
}

/// Goes through scores and keeps the best, worker by worker.
class Finder {
 public:
  Finder(const PackedVectors& vectors, int64_t queries, int64_t k, const Catalogue& catalogue)
      : kernels_(vectors.kernels()), catalogue_(catalogue) {
    const Leaders nobody(k, catalogue);
    const auto count = static_cast<size_t>(queries);
    const Worker idle{std::vector<Leaders>(count, nobody), std::vector<float>(count, nobody.at_least())};
    workers_.assign(static_cast<size_t>(workers_for(vectors.blocks())), idle);
  }

  void visit(int64_t w, int64_t first, int64_t some, int64_t b, const float* scores) {
    Worker& worker = workers_[static_cast<size_t>(w)];
    uint64_t bits[group];
    kernels_.reach(scores, worker.at_least.data() + first, some, bits);
    const uint64_t members = catalogue_.bits()[static_cast<size_t>(b)];
    for (int64_t i = 0; i < some; ++i) {
      const auto q = static_cast<size_t>(first + i);
      for (uint64_t left = bits[i] & members; left != 0; left &= left - 1) {
        const int j = std::countr_zero(left);
        worker.leaders[q].offer(scores[i * lanes + j], static_cast<int32_t>(b * lanes + j));
        worker.at_least[q] = worker.leaders[q].at_least();
      }
    }
  }

  /// The best of every worker, in no order.
  std::vector<ScoredTrack> found(int64_t query) const {
    std::vector<ScoredTrack> all;
    for (const auto& worker : workers_) worker.leaders[static_cast<size_t>(query)].append_to(all);
    return all;
  }

 private:
  struct Worker {
    std::vector<Leaders> leaders;  // [Q]
    std::vector<float> at_least;   // [Q] theirs, side by side for the kernel
  };
  const PackedKernels& kernels_;
  const Catalogue& catalogue_;
  std::vector<Worker> workers_;
};

}  // namespace

PackedVectors::PackedVectors(std::span<const float> vectors, int64_t width)
    : PackedVectors(vectors, width, Options()) {}

PackedVectors::PackedVectors(std::span<const float> vectors, int64_t width, const Options& options)
    : tracks_(width > 0 ? std::ssize(vectors) / width : 0), width_(width),
      kernels_(&packed_kernels(options.instructions)) {
  if (width < 1 || tracks_ * width != std::ssize(vectors)) {
    throw std::invalid_argument("PackedVectors: vectors must be [N, D], D > 0");
  }
  if (!options.bias.empty() && std::ssize(options.bias) != tracks_) {
    throw std::invalid_argument("PackedVectors: bias must be [N]");
  }
  check_finite(vectors, width, "track");
  for (size_t j = 0; j < options.bias.size(); ++j) {
    if (options.bias[j] < INFINITY) continue;
    throw Error("the bias of track {} is {}; only -inf and numbers work", j, options.bias[j]);
  }
  vectors_ = AlignedArray<float>(static_cast<size_t>(blocks() * width * lanes));
  bias_ = AlignedArray<float>(static_cast<size_t>(blocks() * lanes));
  parallel_for(blocks(), [&](int64_t b) {
    float* const out = vectors_.data() + b * width * lanes;
    for (int64_t i = 0; i < lanes; ++i) {
      const int64_t j = b * lanes + i;
      const bool is = j < tracks_;
      bias_.data()[j] = !is ? -INFINITY : options.bias.empty() ? 0.0f : options.bias[static_cast<size_t>(j)];
      for (int64_t d = 0; d < width; ++d) out[d * lanes + i] = is ? vectors[static_cast<size_t>(j * width + d)] : 0.0f;
    }
  });
}

PackedBlock PackedVectors::block(int64_t b) const {
  return {vectors_.data() + b * width_ * lanes, bias_.data() + b * lanes, width_};
}

float PackedVectors::product(const float* query, int32_t track) const {
  return kernels_->score_one(block(track / lanes), query, track % lanes);
}

void PackedVectors::check_catalogue(const Catalogue& catalogue) const {
  if (catalogue.tracks() != tracks_) throw std::invalid_argument("PackedVectors: a catalogue of other tracks");
}

int64_t PackedVectors::check(const Queries& queries) const {
  const int64_t count = std::ssize(queries.vectors) / width_;
  if (count * width_ != std::ssize(queries.vectors)) throw std::invalid_argument("PackedVectors: queries must be [Q, D]");
  check_finite(queries.vectors, width_, "query");
  return count;
}

void PackedVectors::score(std::span<const float> queries, std::span<float> out) const {
  const int64_t count = check({queries});
  if (std::ssize(out) != count * tracks_) throw std::invalid_argument("PackedVectors::score: out must be [Q, N]");
  Adjusted none({queries}, count, tracks_);
  const auto visit = [&](int64_t, int64_t first, int64_t some, int64_t b, const float* scores) {
    const int64_t wide = std::min(lanes, tracks_ - b * lanes);
    for (int64_t i = 0; i < some; ++i) {
      std::copy_n(scores + i * lanes, wide, out.data() + (first + i) * tracks_ + b * lanes);
    }
  };
  sweep(PackedScorer{*this, queries.data()}, blocks(), count, none, visit);
}

std::vector<std::vector<ScoredTrack>> PackedVectors::best(const Queries& queries, int64_t k,
                                                          const Catalogue& catalogue) const {
  const int64_t count = check(queries), most = std::clamp<int64_t>(k, 0, catalogue.size());
  check_catalogue(catalogue);
  Adjusted adjusted(queries, count, tracks_);
  Finder finder(*this, count, most, catalogue);
  const auto visit = [&](auto... what) { finder.visit(what...); };
  sweep(PackedScorer{*this, queries.vectors.data()}, blocks(), count, adjusted, visit);
  adjusted.check_scores();
  std::vector<std::vector<ScoredTrack>> best;
  for (int64_t q = 0; q < count; ++q) {
    best.push_back(finder.found(q));
    for (const auto& entry : adjusted.of(q)) {
      if (catalogue.has(entry.track) && entry.score() > -INFINITY) best.back().push_back({entry.track, entry.score()});
    }
    keep_best(best.back(), most, catalogue);
  }
  return best;
}

}  // namespace segue
