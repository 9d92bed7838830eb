// How fast PackedVectors ranks a catalogue of 400,000 tracks of 64 numbers: beside reading as many bytes for one query,
// beside libtorch for 256. Rows are timed in turns and the median is taken, so that the ratios bear a busy machine.
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
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <numeric>

#include "core/parallel.h"
#include "core/random.h"
#include "ranking/packed_vectors.h"

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

struct Row {
  std::string name;
  std::function<void()> run;
  std::vector<double> ms = {};
  double median() const {
    auto sorted = ms;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }
};

/// Runs all rows once to warm up, then `turns` times in turn.
void time_rows(std::vector<Row>& rows, int turns) {
  for (int turn = -1; turn < turns; ++turn) {
    for (auto& row : rows) {
      const auto start = std::chrono::steady_clock::now();
      row.run();
      const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
      if (turn >= 0) row.ms.push_back(took.count());
    }
  }
  for (const auto& row : rows) std::printf("%-44s%9.2f ms\n", row.name.c_str(), row.median());
}

/// The sum of all numbers on all threads: what reading them costs.
float read_all(std::span<const float> all) {
  const int64_t pieces = 64, piece = std::ssize(all) / pieces;
  std::vector<float> sums(static_cast<size_t>(pieces));
  parallel_for(pieces, [&](int64_t p) {
    float sum[32] = {};
    for (int64_t i = p * piece; i < (p + 1) * piece; i += 32) {
      for (int64_t j = 0; j < 32; ++j) sum[j] += all[static_cast<size_t>(i + j)];
    }
    sums[static_cast<size_t>(p)] = std::accumulate(sum, sum + 32, 0.0f);
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0f);
}

struct Setting {
  std::vector<float> vectors = numbers(tracks * width, 1), queries = numbers(batch * width, 2);
  std::vector<int32_t> targets;
  PackedVectors packed{vectors, width};
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
    for (int64_t q = 0; q < batch; ++q) targets.push_back(static_cast<int32_t>(random.below(tracks)));
    right = at::from_blob(targets.data(), {batch, 1}, at::kInt).to(at::kLong);
  }
};

void run(int turns) {
  Setting it;
  const Queries one{std::span<const float>(it.queries).first(width)}, many{it.queries};
  const Catalogue* const both[] = {&it.everything, &it.enough_plays};
  volatile float sink = 0;
  at::Tensor above, level;
  std::vector<Row> rows = {
      {"reading as many bytes", [&] { sink = read_all(it.same_size.all()); }},
      {"best 20, 1 query", [&] { it.packed.best(one, k, it.everything); }},
      {"best 20, 256 queries", [&] { it.packed.best(many, k, it.everything); }},
      {"best 20, 256 queries, libtorch", [&] { at::topk(at::matmul(it.asked, it.items.t()), k); }},
      {"matmul alone, 256 queries, libtorch", [&] { at::matmul(it.asked, it.items.t()); }},
      {"place in two catalogues, 256 queries", [&] { it.packed.place(many, it.targets, both); }},
      {"place in one catalogue, 256 queries, libtorch",
       [&] {
         const auto scores = at::matmul(it.asked, it.items.t());
         const auto own = scores.gather(1, it.right);
         above = scores.gt(own).sum(1);
         level = scores.eq(own).sum(1);
       }},
  };
  time_rows(rows, turns);
  const auto ratio = [&](size_t slow, size_t fast) { return rows[slow].median() / rows[fast].median(); };
  const double bytes = static_cast<double>(tracks * width) * sizeof(float);
  std::printf("\nmemory %.1f GB/s; 1 query runs at %.0f %% of it\n", bytes / rows[0].median() / 1e6, 100 * ratio(0, 1));
  std::printf("256 queries: %.0f billion products a second, %.1f times libtorch\n",
              static_cast<double>(tracks * width * batch) / rows[2].median() / 1e6, ratio(3, 2));
  std::printf("place: %.1f times libtorch\n", ratio(6, 5));
}

}  // namespace
}  // namespace segue

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 2;
  segue::set_threads(threads);
  at::set_num_threads(threads);
  segue::run(argc > 2 ? std::atoi(argv[2]) : 7);
}
