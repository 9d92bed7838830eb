#include "core/weights_budget.h"

#include <atomic>

namespace segue {
namespace {

std::atomic<int64_t> budget{0};

}  // namespace

void set_weights_budget(int64_t bytes) { budget = bytes; }

int64_t weights_budget() { return budget; }

}  // namespace segue
