// How fast PackedVectors ranks a catalogue of 400,000 tracks of 64 numbers: beside reading as many bytes, the fastest of
// three ways, for one query; beside libtorch for 256. Rows are timed in turns and the median is taken, so that the ratios
// bear a busy machine.
//   best_k_benchmark [THREADS] [TURNS]
// It prints without fmt, for libtorch's headers bring another version of it.
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/gt.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/topk.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include "core/parallel.h"
#include "core/random.h"
#include "ranking/coarse_vectors.h"
#include "turns.h"

namespace segue {
namespace {

constexpr int64_t tracks = 400'000, width = 64, batch = 256, k = 20;

std::vector<float> numbers(int64_t count, uint64_t stream) {
  Random random(1, stream);
  std::vector<float> all(static_cast<size_t>(count));
  for (auto& x : all) {  // nearly normal
    x = static_cast<float>(random.uniform() + random.uniform() + random.uniform() + random.uniform() - 2);
  }
  return all;
}

/// The sum of numbers, count a multiple of 64 · streams: read from `streams` places at once, line by line.
template <int64_t streams>
float sum_of(const float* all, int64_t count) {
  using Lanes = float __attribute__((vector_size(16)));
  Lanes sums[4] = {};
  const int64_t stretch = count / streams;
  for (int64_t i = 0; i < stretch; i += 16) {
    for (int64_t s = 0; s < streams; ++s) {
      for (int64_t v = 0; v < 4; ++v) sums[v] += *reinterpret_cast<const Lanes*>(all + s * stretch + i + 4 * v);
    }
  }
  const Lanes sum = sums[0] + sums[1] + sums[2] + sums[3];
  return sum[0] + sum[1] + sum[2] + sum[3];
}

/// What reading them costs, on all threads.
template <int64_t streams>
float read_all(std::span<const float> all) {
  const int64_t pieces = 50, piece = std::ssize(all) / pieces;
  std::vector<float> sums(static_cast<size_t>(pieces));
  parallel_for(pieces, [&](int64_t p) { sums[static_cast<size_t>(p)] = sum_of<streams>(all.data() + p * piece, piece); });
  return std::accumulate(sums.begin(), sums.end(), 0.0f);
}

float benchmark_sink = 0;  // so that the sum is not left out

struct Setting {
  std::vector<float> vectors = numbers(tracks * width, 1), queries = numbers(batch * width, 2);
  std::vector<int32_t> targets;
  std::vector<std::vector<Adjustment>> adjustments;  // 300 for each query
  PackedVectors packed{vectors, width};
  CoarseVectors coarse{packed};
  AlignedArray<float> same_size{vectors.size()};
  Catalogue everything, enough_plays;
  at::Tensor items = at::from_blob(vectors.data(), {tracks, width}, at::kFloat);    // [N, D]
  at::Tensor asked = at::from_blob(queries.data(), {batch, width}, at::kFloat);     // [Q, D]
  at::Tensor right;                                                                 // [Q, 1]

  static std::vector<int64_t> plays() {
    std::vector<int64_t> all(tracks);
    for (size_t j = 0; j < all.size(); ++j) all[j] = static_cast<int64_t>(mix_bits(j) % 50);
    return all;
  }
  static std::vector<uint8_t> members(int64_t least) {
    std::vector<uint8_t> all;
    for (const auto count : plays()) all.push_back(count >= least);
    return all;
  }
  Setting() : everything(members(0), plays()), enough_plays(members(10), plays()) {
    std::copy(vectors.begin(), vectors.end(), same_size.data());
    Random random(3);
    for (int64_t q = 0; q < batch; ++q) {
      targets.push_back(static_cast<int32_t>(random.below(tracks)));
      auto& list = adjustments.emplace_back();
      for (int32_t part = 0; part < 300; ++part) {
        const auto track = part * (tracks / 300) + static_cast<int64_t>(random.below(tracks / 300));
        list.push_back({static_cast<int32_t>(track), random.uniform()});
      }
    }
    right = at::from_blob(targets.data(), {batch, 1}, at::kInt).to(at::kLong);
  }
};

/// The share of the best by `exact` that are among those by `found`.
double recall(const std::vector<std::vector<ScoredTrack>>& found, const std::vector<std::vector<ScoredTrack>>& exact) {
  int64_t hits = 0, all = 0;
  for (size_t q = 0; q < exact.size(); ++q) {
    for (const auto& one : exact[q]) {
      hits += std::any_of(found[q].begin(), found[q].end(), [&](const auto& other) { return other.track == one.track; });
      ++all;
    }
  }
  return static_cast<double>(hits) / static_cast<double>(all);
}

constexpr std::ptrdiff_t rows_of_memory = 5;  // the first, which wait for memory

std::vector<Row> rows_of(Setting& it) {
  static at::Tensor above, level;
  static const Catalogue* const both[] = {&it.everything, &it.enough_plays};
  const Queries one{std::span<const float>(it.queries).first(width)}, many{it.queries}, mixed{it.queries, it.adjustments};
  return {
      {"reading as many bytes", [&it] { benchmark_sink = read_all<1>(it.same_size.all()); }},
      {"reading as many bytes, at 2 places at once", [&it] { benchmark_sink = read_all<2>(it.same_size.all()); }},
      {"reading as many bytes, at 4 places at once", [&it] { benchmark_sink = read_all<4>(it.same_size.all()); }},
      {"best 20, 1 query", [&it, one] { it.packed.best(one, k, it.everything); }},
      {"best 20, 1 query, 8 bits first", [&it, one] { it.coarse.best(one, k, it.everything); }},
      {"best 20, 256 queries", [&it, many] { it.packed.best(many, k, it.everything); }},
      {"best 20, 256 queries, 8 bits first", [&it, many] { it.coarse.best(many, k, it.everything); }},
      {"best 20, 256 queries with 300 adjustments", [&it, mixed] { it.packed.best(mixed, k, it.everything); }},
      {"best 20, 256 queries, libtorch", [&it] { at::topk(at::matmul(it.asked, it.items.t()), k); }},
      {"matmul alone, 256 queries, libtorch", [&it] { at::matmul(it.asked, it.items.t()); }},
      {"place in 2 catalogues, 256 queries", [&it, many] { it.packed.place(many, it.targets, both); }},
      {"place in 2 catalogues, with 300 adjustments", [&it, mixed] { it.packed.place(mixed, it.targets, both); }},
      {"place in 1 catalogue, 256 queries, libtorch",
       [&it] {
         const auto scores = at::matmul(it.asked, it.items.t());
         const auto own = scores.gather(1, it.right);
         above = scores.gt(own).sum(1);
         level = scores.eq(own).sum(1);
       }},
  };
}

void run(int turns) {
  Setting it;
  auto rows = rows_of(it);
  std::vector<Row> rest(rows.begin() + rows_of_memory, rows.end());
  rows.resize(rows_of_memory);
  time_rows(rows, 5 * turns);  // apart, for the others leave the caches full of what is theirs
  time_rows(rest, turns);
  rows.insert(rows.end(), rest.begin(), rest.end());
  const auto row = [&](const std::string& name) {
    return *std::find_if(rows.begin(), rows.end(), [&](const Row& one) { return one.name == name; });
  };
  const double numbers = static_cast<double>(tracks * width);
  const Row read = *std::min_element(rows.begin(), rows.begin() + 3, [](auto& a, auto& b) { return median(a.ms) < median(b.ms); });
  const Row one = row("best 20, 1 query"), many = row("best 20, 256 queries");
  std::printf("\nmemory %.1f GB/s; 1 query runs at %.0f %% of it\n", numbers * sizeof(float) / median(read.ms) / 1e6,
              100 * ratio(read, one));
  std::printf("256 queries: %.0f billion products a second, %.1f times libtorch\n", numbers * batch / median(many.ms) / 1e6,
              ratio(row("best 20, 256 queries, libtorch"), many));
  std::printf("place: %.1f times libtorch\n",
              ratio(row("place in 1 catalogue, 256 queries, libtorch"), row("place in 2 catalogues, 256 queries")));
  CoarseVectors::Work work;
  const auto found = it.coarse.best({it.queries}, k, it.everything, &work);
  std::printf("8 bits first: %.1f times f32 for 1 query, %.1f times for 256; recall %.4f, %.0f tracks a query in f32\n",
              ratio(one, row("best 20, 1 query, 8 bits first")), ratio(many, row("best 20, 256 queries, 8 bits first")),
              recall(found, it.packed.best({it.queries}, k, it.everything)),
              static_cast<double>(work.scored_again) / batch);
  if (benchmark_sink == 12345.0f) std::printf("\n");
}

}  // namespace
}  // namespace segue

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 2;
  segue::set_threads(threads);
  at::set_num_threads(threads);
  segue::run(argc > 2 ? std::atoi(argv[2]) : 7);
}
