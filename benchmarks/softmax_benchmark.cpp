// One step's sampled softmax three ways, forward and backward: negatives of each label's own by plain operations,
// negatives that the batch shares by a product of matrices, and those in one pass over tiles. 128 windows of 50 plays of
// 64 numbers, 50,000 tracks. The second way with threads inside its operations, and as training does it and the third: in
// four shards side by side, a thread each. Rows are timed in turns and medians are taken.
//   softmax_benchmark [TURNS] [THREADS]
// It prints a Markdown table, without fmt, for libtorch's headers bring another version of it.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/randn.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>

#include "core/parallel.h"
#include "core/tensor_threads.h"
#include "training/sampled_softmax.h"
#include "training/sampler.h"
#include "turns.h"

namespace segue {
namespace {

constexpr int64_t tracks = 50'000, positions = 128 * 50, width = 64, shards = 4;

/// Σ weight · −ln softmax where each label has negatives of its own: negative int64 [M, K], log_expected [M, K].
Tensor own_softmax_loss(const Targets& t) {
  const Tensor own = (t.states * t.rows(t.label)).sum(-1, true) * t.scale;  // [M, 1]
  Tensor others = at::bmm(t.rows(t.negative), t.states.unsqueeze(2)).squeeze(2) * t.scale - t.log_expected;  // [M, K]
  others = others.masked_fill(t.negative.eq(t.label.unsqueeze(1)), -std::numeric_limits<float>::infinity());
  const Tensor losses = at::cat({own, others}, 1).logsumexp({1}) - own.squeeze(1);
  return (losses * t.weight).sum();
}

/// Plays of tracks fall off with their number, as popularity does.
std::vector<int64_t> plays() {
  std::vector<int64_t> all(tracks);
  for (size_t j = 0; j < all.size(); ++j) all[j] = 1 + static_cast<int64_t>(100'000 / (j + 10));
  return all;
}

/// Numbers the tracks of a step anew, without gaps, as a step of training does. Returns how many there are.
int64_t number_anew(std::vector<int64_t>& labels, std::vector<int64_t>& negatives) {
  StepTracks step(tracks);
  for (auto* list : {&labels, &negatives}) {
    for (auto& track : *list) track = step.place_of(static_cast<int32_t>(track));
  }
  return std::ssize(step.tracks());
}

/// A step with K negatives, shared or of each label's own.
Targets step_of(int64_t K, bool shared) {
  at::manual_seed(1);
  const NegativeSampler sampler(plays(), Negatives::popularity, 0.75, 1);
  const auto heard = sampler.draw(0, positions, {});
  const auto drawn = sampler.draw(1, shared ? K : positions * K, {});
  std::vector<int64_t> label(heard.tracks.begin(), heard.tracks.end()), negative(drawn.tracks.begin(), drawn.tracks.end());
  const int64_t n = number_anew(label, negative);
  const auto of = [&](int64_t rows) { return shared ? std::vector<int64_t>{rows} : std::vector<int64_t>{positions, rows}; };
  Targets t;
  t.states = at::randn({positions, width}, at::TensorOptions(at::kFloat)).requires_grad_();
  t.vectors = (at::randn({n, width}, at::TensorOptions(at::kFloat)) / 8).requires_grad_();
  t.scale = at::full({}, 1.5F, at::TensorOptions(at::kFloat)).requires_grad_();
  t.label = tensor_of(label, {positions});
  t.weight = at::full({positions}, 1.0F, at::TensorOptions(at::kFloat));
  t.negative = tensor_of(negative, of(K));
  t.log_expected = tensor_of(drawn.log_expected, of(K)) - (shared ? 0.0 : std::log(static_cast<double>(positions)));
  return t;
}

using Loss = Tensor (*)(const Targets&);

/// All at once, with threads inside operations.
double at_once(const Targets& t, Loss loss) {
  for (const Tensor* input : {&t.states, &t.vectors, &t.scale}) input->mutable_grad() = Tensor();
  const Tensor sum = loss(t);
  sum.backward();
  return sum.item<double>();
}

/// In shards side by side; gradients of the vectors are added up at the end.
double side_by_side(const Targets& t, Loss loss) {
  std::vector<std::vector<StepVectors::Taken>> taken(shards);
  std::vector<double> sums(shards);
  parallel_tensors(shards, [&](int64_t s) {
    const int64_t begin = s * positions / shards, rows = (s + 1) * positions / shards - begin;
    Targets part = t;
    part.states = t.states.detach().narrow(0, begin, rows).requires_grad_();
    part.scale = t.scale.detach().clone().requires_grad_();
    part.label = t.label.narrow(0, begin, rows);
    part.weight = t.weight.narrow(0, begin, rows);
    part.taken = &taken[static_cast<size_t>(s)];
    const Tensor sum = loss(part);
    sum.backward();
    sums[static_cast<size_t>(s)] = sum.item<double>();
  });
  sum_of_taken(taken, t.vectors);
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

void use(int threads) {
  set_threads(threads);
  at::set_num_threads(threads);
}

/// Returns the line of the table.
std::string compare(int threads, int64_t K, int turns) {
  use(threads);
  const Targets own = step_of(K, false), shared = step_of(K, true);
  std::printf("%d threads, %lld negatives\n", threads, static_cast<long long>(K));
  std::vector<Row> rows{{"per position, plain operations", [&] { at_once(own, own_softmax_loss); }},
                        {"shared, product of matrices", [&] { at_once(shared, plain_softmax_loss); }},
                        {"shared, product of matrices, in shards", [&] { side_by_side(shared, plain_softmax_loss); }},
                        {"shared, fused, in shards", [&] { side_by_side(shared, fused_softmax_loss); }}};
  time_rows(rows, turns);
  const double plain = at_once(shared, plain_softmax_loss), fused = side_by_side(shared, fused_softmax_loss);
  if (std::abs(plain - fused) > 1e-4 * plain) std::printf("the losses differ: %f and %f\n", plain, fused);
  char line[200];
  std::snprintf(line, sizeof line, "| %d | %lld | %.1f | %.1f | %.1f | %.1f | %.1f | %.2f | %.2f |\n", threads, static_cast<long long>(K),
                median(rows[0].ms), median(rows[1].ms), median(rows[2].ms), median(rows[3].ms), ratio(rows[0], rows[3]), ratio(rows[1], rows[3]),
                ratio(rows[2], rows[3]));
  return line;
}

}  // namespace
}  // namespace segue

int main(int argc, char** argv) {
  const int turns = argc > 1 ? std::atoi(argv[1]) : 7, most = argc > 2 ? std::atoi(argv[2]) : 2;
  std::string table = "\n| threads | negatives | per position ms | shared ms | in shards ms | fused ms | fused over per position | over shared "
                      "| over shared in shards |\n| --: | --: | --: | --: | --: | --: | --: | --: | --: |\n";
  for (int threads = 1; threads <= most; ++threads) {
    for (const int64_t K : {256, 1024}) table += segue::compare(threads, K, turns);
  }
  std::fputs(table.c_str(), stdout);
}
