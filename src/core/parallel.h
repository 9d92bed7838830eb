#pragma once

#include <cstdint>
#include <functional>

namespace segue {

/// How many threads the program uses: --threads, else the processors there are, shared with the other processes that
/// torchrun started on this machine.
int threads();
void set_threads(int count);

/// Calls job(0) … job(n - 1), each once, in any order, on threads(). The first exception is thrown again here.
void parallel_for(int64_t n, const std::function<void(int64_t)>& job);

}  // namespace segue
