// How fast frozen matrices multiply in each storage, beside f32: 1 to 512 rows, forward and back, with the shapes of a decoder's
// layers (Qwen2.5-0.5B's where nothing else is given). Rows are timed in turns and medians of ratios taken.
//   weights_benchmark [THREADS] [TURNS] [WIDTH INNER]
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>

#include <cstdlib>
#include <memory>

#include "layers/frozen_matrix.h"
#include "turns.h"

namespace segue {
namespace {

/// So many copies that no cache holds them, as a decoder's layers don't fit either.
std::vector<FrozenMatrix> matrices(int64_t out, int64_t in, Storage storage) {
  std::vector<FrozenMatrix> all;
  const at::Tensor weight = at::randn({out, in}) / 30;
  for (int64_t numbers = 0; numbers < (1 << 26); numbers += out * in) all.emplace_back(weight.clone(), storage);
  return all;
}

void compare(int64_t out, int64_t in, int turns) {
  std::vector<std::pair<std::string, std::vector<FrozenMatrix>>> kept;
  for (const auto& [name, storage] : storages()) kept.emplace_back(name, matrices(out, in, storage));
  for (const bool back : {false, true}) {
    for (const int64_t n : {1, 4, 8, 32, 512}) {
      const at::Tensor x = at::randn({n, back ? out : in});
      std::vector<Row> rows;
      for (const auto& [name, some] : kept) {
        const auto all = &some;
        const int64_t calls = n > 8 ? 1 : std::ssize(some);
        const std::string title = std::to_string(in) + (back ? " <- " : " -> ") + std::to_string(out) + ", " + std::to_string(n) + " rows, " + name;
        rows.push_back({title, [=, next = size_t{0}]() mutable {
                          for (int64_t i = 0; i < calls; ++i, ++next) {
                            const FrozenMatrix& matrix = (*all)[next % all->size()];
                            if (back) matrix.product_back(x);
                            else matrix.product(x);
                          }
                        }});
      }
      time_rows(rows, turns);
      const size_t plain = 1;
      for (const auto& row : rows) std::printf("  %.2fx", ratio(rows[plain], row));
      std::printf("   of f32's speed\n");
    }
  }
}

}  // namespace
}  // namespace segue

int main(int argc, char** argv) {
  at::set_num_threads(argc > 1 ? std::atoi(argv[1]) : 1);
  const int turns = argc > 2 ? std::atoi(argv[2]) : 7;
  const int64_t width = argc > 4 ? std::atoi(argv[3]) : 896, inner = argc > 4 ? std::atoi(argv[4]) : 4864;
  const at::NoGradGuard no_grad;
  segue::compare(inner, width, turns);
  segue::compare(width, inner, turns);
}
