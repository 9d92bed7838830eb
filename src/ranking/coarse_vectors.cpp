#include "ranking/coarse_vectors.h"

#include <atomic>
#include <bit>
#include <cmath>

#include "ranking/packed_parts.h"

namespace segue {
namespace {

constexpr int64_t group = PackedKernels::group, lanes = PackedBlock::tracks;

float round_up(double x) { return std::nextafter(static_cast<float>(x), INFINITY); }
/// Asked for every query and block, so without a call of nextafter; `least` below covers what has no full digits.
float round_down(double x) { return static_cast<float>(x - std::abs(x) * 0x1p-23); }

double length_of(std::span<const double> v) {
  double sum = 0;
  for (const double x : v) sum += x * x;
  return std::sqrt(sum);
}

/// One vector in whole numbers times a scale, and how long it and what it lost are.
struct InCodes {
  std::vector<int> codes;
  float scale = 0;
  double length = 0, lost = 0;

  InCodes(std::span<const float> v, int most) {
    float greatest = 0;
    for (const float x : v) greatest = std::max(greatest, std::abs(x));
    scale = greatest / static_cast<float>(most);
    std::vector<double> kept, gone;
    for (const float x : v) {
      const auto limit = static_cast<float>(most);
      codes.push_back(scale > 0 ? static_cast<int>(std::clamp(std::round(x / scale), -limit, limit)) : 0);
      kept.push_back(static_cast<double>(scale) * codes.back());
      gone.push_back(x - kept.back());
    }
    length = length_of(kept);
    lost = length_of(gone);
  }
};

struct Candidate {
  int32_t track;
  double low, high;  // its score lies between
};

/// The tracks that may be among the k best of one query.
class Candidates {
 public:
  explicit Candidates(int64_t k) : k_(static_cast<size_t>(k)) {}

  /// k tracks have scores no lower than this.
  double at_least() const { return at_least_; }

  void offer(const Candidate& one) {
    if (one.high < at_least_ || k_ == 0) return;
    all_.push_back(one);
    if (lows_.size() < k_ || one.low > lows_.front()) {
      if (lows_.size() == k_) {
        std::pop_heap(lows_.begin(), lows_.end(), std::greater<>());
        lows_.pop_back();
      }
      lows_.push_back(one.low);
      std::push_heap(lows_.begin(), lows_.end(), std::greater<>());
      if (lows_.size() == k_) at_least_ = lows_.front();
    }
    if (all_.size() >= room_) {
      keep(at_least_);
      room_ = std::max(room_, 2 * all_.size());
    }
  }

  void keep(double at_least) {
    std::erase_if(all_, [&](const Candidate& one) { return one.high < at_least; });
  }

  /// Those of both, less those that the other's show to be too low.
  void take(const Candidates& other) {
    for (const auto& one : other.all_) offer(one);
  }
  const std::vector<Candidate>& all() {
    keep(at_least_);
    return all_;
  }

 private:
  size_t k_, room_ = 256;
  double at_least_ = -INFINITY;
  std::vector<double> lows_;  // the k greatest, the least first
  std::vector<Candidate> all_;
};

}  // namespace

/// Queries in codes, and how far their scores may be off.
struct CoarseVectors::Rounded {
  const CoarseVectors& vectors;
  std::vector<int8_t> codes;
  std::vector<float> scale;
  std::vector<int32_t> offset;
  std::vector<double> per_lost, per_length;
  double per_bias, longest = 0;

  Rounded(const CoarseVectors& of, std::span<const float> queries, int64_t width) : vectors(of) {
    // What f32 may lose: half a unit in the last place for each of D steps, and some for the coarse score itself.
    per_bias = static_cast<double>(width + 8) * 0x1p-24 * 1.01;
    for (size_t at = 0; at < queries.size(); at += static_cast<size_t>(width)) {
      const auto query = queries.subspan(at, static_cast<size_t>(width));
      const InCodes in(query, CoarseQueries::most);
      const double length = length_of(std::vector<double>(query.begin(), query.end()));
      int32_t sum = 0;
      for (const int code : in.codes) sum += code;
      codes.insert(codes.end(), in.codes.begin(), in.codes.end());
      codes.resize((at / static_cast<size_t>(width) + 1) * static_cast<size_t>(of.width_));
      scale.push_back(in.scale);
      offset.push_back(128 * sum);
      per_lost.push_back(length + per_bias * (length + in.lost));
      per_length.push_back(in.lost + per_bias * (length + in.lost));
      longest = std::max(longest, length);
    }
  }

  double error(int64_t q, const Errors& e) const {
    constexpr double least = 1e-30;  // for numbers so small that f32 keeps fewer digits of them
    const auto i = static_cast<size_t>(q);
    return (per_lost[i] * e.lost + per_length[i] * e.length + per_bias * e.bias) * (1 + 1e-9) + least;
  }

  void score(int64_t q, int64_t count, int64_t b, float* scores) const {
    const CoarseQueries some{codes.data() + q * vectors.width_, scale.data() + q, offset.data() + q};
    vectors.exact_.kernels().score_coarse(vectors.block(b), some, count, scores);
  }
  std::span<const std::byte> numbers(int64_t b) const {
    return std::as_bytes(std::span(vectors.block(b).codes, static_cast<size_t>(vectors.width_ * lanes)));
  }
};

/// Goes through coarse scores and keeps candidates, worker by worker.
class CoarseVectors::Finder {
 public:
  Finder(const Rounded& queries, int64_t count, int64_t k, const Catalogue& catalogue)
      : queries_(queries), vectors_(queries.vectors), catalogue_(catalogue) {
    const auto q = static_cast<size_t>(count);
    const Worker idle{std::vector<Candidates>(q, Candidates(k)), std::vector<double>(q, nothing_yet)};
    workers_.assign(static_cast<size_t>(workers_for(vectors_.exact_.blocks())), idle);
  }

  void visit(int64_t w, int64_t first, int64_t some, int64_t b, const float* scores) {
    Worker& worker = workers_[static_cast<size_t>(w)];
    const Errors worst = vectors_.of_block_[static_cast<size_t>(b)];
    const double* const known = worker.at_least.data() + first;
    float at_least[group] = {};
    for (int64_t i = 0; i < some; ++i) at_least[i] = round_down(known[i] - queries_.error(first + i, worst));
    uint64_t bits[group];
    vectors_.exact_.kernels().reach(scores, at_least, some, bits);
    const uint64_t members = catalogue_.bits()[static_cast<size_t>(b)];
    for (int64_t i = 0; i < some; ++i) {
      if ((bits[i] & members) != 0) offer(worker, first + i, b, bits[i] & members, scores + i * lanes);
    }
  }

  const std::vector<Candidate>& found(size_t query) {
    auto& all = workers_[0].candidates[query];
    for (size_t w = 1; w < workers_.size(); ++w) all.take(workers_[w].candidates[query]);
    return all.all();
  }

 private:
  static constexpr double nothing_yet = -1e38;  // as a float still above -inf, which never comes
  struct Worker {
    std::vector<Candidates> candidates;  // [Q]
    std::vector<double> at_least;        // [Q] theirs, side by side for the loop over queries
  };

  void offer(Worker& worker, int64_t query, int64_t b, uint64_t bits, const float* scores) {
    auto& candidates = worker.candidates[static_cast<size_t>(query)];
    for (; bits != 0; bits &= bits - 1) {
      const int j = std::countr_zero(bits);
      const int64_t track = b * lanes + j;
      const double error = queries_.error(query, vectors_.of_track_[static_cast<size_t>(track)]);
      candidates.offer({static_cast<int32_t>(track), scores[j] - error, scores[j] + error});
    }
    worker.at_least[static_cast<size_t>(query)] = std::max(nothing_yet, candidates.at_least());
  }

  const Rounded& queries_;
  const CoarseVectors& vectors_;
  const Catalogue& catalogue_;
  std::vector<Worker> workers_;
};

CoarseVectors::CoarseVectors(const PackedVectors& exact) : exact_(exact), width_((exact.width() + 3) / 4 * 4) {
  const int64_t blocks = exact.blocks();
  codes_ = AlignedArray<uint8_t>(static_cast<size_t>(blocks * lanes * width_));
  scale_ = AlignedArray<float>(static_cast<size_t>(blocks * lanes));
  of_track_.resize(static_cast<size_t>(blocks * lanes));
  of_block_.resize(static_cast<size_t>(blocks));
  const auto widen = [](Errors& all, const Errors& one) {
    all = {std::max(all.lost, one.lost), std::max(all.length, one.length), std::max(all.bias, one.bias)};
  };
  parallel_for(blocks, [&](int64_t b) {
    for (int64_t lane = 0; lane < lanes; ++lane) widen(of_block_[static_cast<size_t>(b)], round_track(b, lane));
  });
  for (const auto& one : of_block_) widen(greatest_, one);
}

CoarseVectors::Errors CoarseVectors::round_track(int64_t b, int64_t lane) {
  const auto from = exact_.block(b);
  std::vector<float> vector;
  for (int64_t d = 0; d < exact_.width(); ++d) vector.push_back(from.vectors[d * lanes + lane]);
  const InCodes in(vector, 127);
  uint8_t* const codes = codes_.data() + b * width_ * lanes;
  for (int64_t d = 0; d < width_; ++d) {
    const int code = d < exact_.width() ? in.codes[static_cast<size_t>(d)] : 0;
    codes[(d / 4 * lanes + lane) * 4 + d % 4] = static_cast<uint8_t>(code + 128);
  }
  scale_.data()[b * lanes + lane] = in.scale;
  const float bias = std::isinf(from.bias[lane]) ? 0 : std::abs(from.bias[lane]);  // -inf is exact
  return of_track_[static_cast<size_t>(b * lanes + lane)] = {round_up(in.lost), round_up(in.length), bias};
}

CoarseBlock CoarseVectors::block(int64_t b) const {
  return {codes_.data() + b * width_ * lanes, scale_.data() + b * lanes, exact_.block(b).bias, width_};
}

std::vector<std::vector<ScoredTrack>> CoarseVectors::best(const Queries& queries, int64_t k, const Catalogue& catalogue,
                                                          Work* work) const {
  const int64_t count = exact_.check(queries), most = std::clamp<int64_t>(k, 0, catalogue.size());
  exact_.check_catalogue(catalogue);
  const Rounded rounded(*this, queries.vectors, exact_.width());
  constexpr double limit = 1e36;  // from here on f32 might overflow, which no bound describes
  const bool beyond = !(2 * rounded.longest * (greatest_.length + greatest_.lost) + greatest_.bias < limit);
  if (work != nullptr) *work = {0, beyond};
  if (beyond) return exact_.best(queries, k, catalogue);

  Adjusted adjusted(queries, count, exact_.tracks());
  Finder finder(rounded, count, most, catalogue);
  sweep(rounded, exact_.blocks(), count, adjusted, [&](auto... what) { finder.visit(what...); });
  std::atomic<int64_t> again{0};
  std::vector<std::vector<ScoredTrack>> best(static_cast<size_t>(count));
  parallel_for(count, [&](int64_t q) {
    auto& list = best[static_cast<size_t>(q)];
    const float* const query = queries.vectors.data() + q * exact_.width();
    for (const auto& one : finder.found(static_cast<size_t>(q))) {
      list.push_back({one.track, exact_.product(query, one.track)});
    }
    again += std::ssize(list) + std::ssize(adjusted.of(q));
    for (auto& entry : adjusted.of(q)) {
      entry.product = exact_.product(query, entry.track);
      if (catalogue.has(entry.track) && entry.score() > -INFINITY) list.push_back({entry.track, entry.score()});
    }
    keep_best(list, most, catalogue);
  });
  adjusted.check_scores();
  if (work != nullptr) work->scored_again = again;
  return best;
}

}  // namespace segue
