// One step's sampled softmax three ways, forward and backward: negatives of each label's own by plain operations,
// negatives that the batch shares by a product of matrices, and those in one pass over tiles (what training does).
// 128 windows of 50 plays of 64 numbers, 50,000 tracks. Rows are timed in turns and medians are taken.
//   softmax_benchmark [TURNS] [THREADS]
// It prints a Markdown table, without fmt, for libtorch's headers bring another version of it.
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/randn.h>
#include <ATen/Context.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "core/parallel.h"
#include "core/random.h"
#include "training/sampled_softmax.h"
#include "training/sampler.h"
#include "turns.h"

namespace segue {
namespace {

constexpr int64_t tracks = 50'000, positions = 128 * 50, width = 64;

/// Σ weight · −ln softmax where each label has negatives of its own: negative int64 [M, K], log_expected [M, K].
Tensor own_softmax_loss(const Targets& t) {
  const int64_t M = t.negative.size(0), K = t.negative.size(1);
  const Tensor own = (t.states * t.vectors.index_select(0, t.label)).sum(-1, true) * t.scale;  // [M, 1]
  const Tensor drawn = t.vectors.index_select(0, t.negative.view({-1})).view({M, K, -1});
  Tensor others = at::bmm(drawn, t.states.unsqueeze(2)).squeeze(2) * t.scale - t.log_expected;  // [M, K]
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

double forward_and_back(const Targets& t, Tensor (*loss)(const Targets&)) {
  for (const Tensor* input : {&t.states, &t.vectors, &t.scale}) input->mutable_grad() = Tensor();
  const Tensor sum = loss(t);
  sum.backward();
  return sum.item<double>();
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
  std::vector<Row> rows{{"per position, plain operations", [&] { forward_and_back(own, own_softmax_loss); }},
                        {"shared by the batch, product of matrices", [&] { forward_and_back(shared, plain_softmax_loss); }},
                        {"shared by the batch, fused", [&] { forward_and_back(shared, fused_softmax_loss); }}};
  time_rows(rows, turns);
  const double plain = forward_and_back(shared, plain_softmax_loss), fused = forward_and_back(shared, fused_softmax_loss);
  if (std::abs(plain - fused) > 1e-4 * plain) std::printf("the losses differ: %f and %f\n", plain, fused);
  char line[160];
  std::snprintf(line, sizeof line, "| %d | %lld | %.1f | %.1f | %.1f | %.1f | %.2f |\n", threads, static_cast<long long>(K), median(rows[0].ms),
                median(rows[1].ms), median(rows[2].ms), ratio(rows[0], rows[2]), ratio(rows[1], rows[2]));
  return line;
}

}  // namespace
}  // namespace segue

int main(int argc, char** argv) {
  const int turns = argc > 1 ? std::atoi(argv[1]) : 7, most = argc > 2 ? std::atoi(argv[2]) : 2;
  std::string table = "\n| threads | negatives | per position ms | shared ms | fused ms | fused over per position | fused over shared |\n"
                      "| --: | --: | --: | --: | --: | --: | --: |\n";
  for (int threads = 1; threads <= most; ++threads) {
    for (const int64_t K : {256, 1024}) table += segue::compare(threads, K, turns);
  }
  std::fputs(table.c_str(), stdout);
}
