#include "core/tensor_threads.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "core/parallel.h"

namespace segue {
namespace {

/// Jobs that are shared out, and the first exception that one threw.
struct Work {
  int64_t n;
  const std::function<void(int64_t)>& job;
  std::atomic<int64_t> next = 0;
  std::mutex guard = {};
  std::exception_ptr failure = {};

  void take_part() {
    for (int64_t i = next++; i < n; i = next++) {
      try {
        job(i);
      } catch (...) {
        const std::lock_guard<std::mutex> hold(guard);
        if (!failure) failure = std::current_exception();
        next = n;
      }
    }
  }
};

/// Threads that stay: MKL keeps buffers for each thread that ever multiplied, and those of one that ended are lost.
class Workers {
 public:
  ~Workers() {
    {
      const std::lock_guard<std::mutex> hold(guard_);
      ends_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  /// With up to so many helpers beside this thread; by this one alone while another call is under way.
  void share(Work& work, int64_t helpers) {
    if (helpers < 1) return work.take_part();
    const std::unique_lock<std::mutex> only(use_, std::try_to_lock);
    if (!only.owns_lock()) return work.take_part();
    reach(helpers);
    {
      const std::lock_guard<std::mutex> hold(guard_);
      work_ = &work;
      helpers_ = helpers;
      ++turn_;
    }
    wake_.notify_all();
    work.take_part();
    std::unique_lock<std::mutex> hold(guard_);
    work_ = nullptr;
    done_.wait(hold, [&] { return busy_ == 0; });
  }

 private:
  void reach(int64_t count) {
    try {
      while (std::ssize(threads_) < count) threads_.emplace_back(&Workers::live, this, std::ssize(threads_));
    } catch (const std::system_error&) {  // no more threads to be had: those that started do the work
    }
  }

  void live(int64_t number) {
    const SerialTensors serial;
    std::unique_lock<std::mutex> hold(guard_);
    for (int64_t seen = 0;;) {
      wake_.wait(hold, [&] { return ends_ || turn_ != seen; });
      if (ends_) return;
      seen = turn_;
      if (work_ == nullptr || number >= helpers_) continue;
      Work& work = *work_;
      ++busy_;
      hold.unlock();
      work.take_part();
      hold.lock();
      if (--busy_ == 0) done_.notify_one();
    }
  }

  std::mutex use_, guard_;
  std::condition_variable wake_, done_;
  std::vector<std::thread> threads_;
  Work* work_ = nullptr;
  int64_t helpers_ = 0, turn_ = 0, busy_ = 0;
  bool ends_ = false;
};

/// This thread is at a job: what it shares out from there, it does itself.
struct Inside {
  static thread_local bool now;
  bool before = std::exchange(now, true);
  ~Inside() { now = before; }
};
thread_local bool Inside::now = false;

}  // namespace

// Asking first lets libtorch set up this thread, which would undo what is set before.
SerialTensors::SerialTensors() : before_(at::get_num_threads()) {
  if (before_ != 1) at::set_num_threads(1);
}

SerialTensors::~SerialTensors() {
  if (before_ != 1) at::set_num_threads(before_);
}

void parallel_tensors(int64_t n, const std::function<void(int64_t)>& job) {
  static Workers workers;
  const bool records = at::GradMode::is_enabled();
  const std::function<void(int64_t)> as_outside = [&](int64_t i) {
    const at::AutoGradMode mode(records);
    const Inside here;
    job(i);
  };
  const SerialTensors serial;
  Work work{n, as_outside};
  workers.share(work, Inside::now ? 0 : std::min<int64_t>(threads(), n) - 1);
  if (work.failure) std::rethrow_exception(work.failure);
}

}  // namespace segue
