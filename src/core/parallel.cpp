#include "core/parallel.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace segue {
namespace {

std::atomic<int> wanted{0};

}  // namespace

int threads() {
  static const char* const beside = std::getenv("LOCAL_WORLD_SIZE");
  static const int processes = beside == nullptr ? 1 : std::max(1, std::atoi(beside));
  const int set = wanted.load();
  return set > 0 ? set : std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / processes);
}

void set_threads(int count) { wanted = count; }

void parallel_for(int64_t n, const std::function<void(int64_t)>& job) {
  std::atomic<int64_t> next{0};
  std::exception_ptr failure;
  std::mutex guard;
  const auto work = [&] {
    for (int64_t i = next++; i < n; i = next++) {
      try {
        job(i);
      } catch (...) {
        const std::lock_guard<std::mutex> hold(guard);
        if (!failure) failure = std::current_exception();
        next = n;
      }
    }
  };
  std::vector<std::thread> others;
  const int64_t wanted = std::min<int64_t>(threads(), n) - 1;
  others.reserve(static_cast<size_t>(std::max<int64_t>(wanted, 0)));
  try {
    for (int64_t t = 0; t < wanted; ++t) others.emplace_back(work);
  } catch (const std::system_error&) {  // no more threads to be had: those that started do the work
  }
  work();
  for (auto& other : others) other.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace segue
