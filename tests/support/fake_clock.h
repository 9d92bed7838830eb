#pragma once

#include <set>
#include <thread>
#include <vector>

#include "annotation/back_off.h"

namespace segue {

/// A clock that jumps to where somebody waits for, or stands still until it is moved.
class FakeClock : public WaitClock {
 public:
  enum class Kind { jumps, stands };
  explicit FakeClock(Kind kind = Kind::jumps) : kind_(kind) {}

  Time now() const override {
    const std::lock_guard lock(mutex_);
    return Time() + passed_;
  }
  std::chrono::system_clock::time_point date() const override { return start() + std::chrono::duration_cast<std::chrono::milliseconds>(now() - Time()); }
  /// 2026-03-01 12:00:00 UTC
  static std::chrono::system_clock::time_point start() { return std::chrono::system_clock::from_time_t(1772366400); }

  void wait_until(std::unique_lock<std::mutex>& outer, std::condition_variable& wake, Time then) override {
    {
      const std::lock_guard lock(mutex_);
      if (kind_ == Kind::jumps) {
        waits_.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(then - Time() - passed_));
        passed_ = std::max(passed_, then - Time());
        return;
      }
      waiting_.insert(std::this_thread::get_id());
    }
    wake.wait_for(outer, std::chrono::milliseconds(1));
  }

  void advance(std::chrono::milliseconds time) {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
    passed_ += time;
  }
  /// Threads that have waited since it was moved.
  size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }
  std::vector<std::chrono::milliseconds> waits() const {
    const std::lock_guard lock(mutex_);
    return waits_;
  }

 private:
  Kind kind_;
  mutable std::mutex mutex_;
  Time::duration passed_{0};
  std::vector<std::chrono::milliseconds> waits_;
  std::set<std::thread::id> waiting_;
};

}  // namespace segue
