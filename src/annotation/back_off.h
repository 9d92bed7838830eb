#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "core/random.h"

namespace segue {

/// How several threads wait for one server together: while it wants to be left alone, none of them asks.
class BackOff {
 public:
  using Seconds = std::chrono::duration<double>;
  struct Options {
    double first_s = 1, longest_s = 60;  // of pauses that double with each failure of a request
    int64_t give_up_after = 10;          // failures in a row, over all threads
    uint64_t seed = 1;                   // of the pauses' jitter
    std::function<double()> now = {};    // seconds; default: a steady clock
    std::function<void(double)> sleep = {};
  };
  explicit BackOff(Options options);

  /// Waits until the server may be asked. Returns the attempt's number, which failed() wants.
  int64_t begin();
  void succeeded();
  /// An attempt came to nothing. Of attempts that were under way together one counts: they have one cause. True where that was one
  /// too many in a row.
  bool failed(int64_t attempt);
  int64_t in_a_row() const;
  /// Nobody asks for so many seconds.
  void hold(double seconds);
  /// The pause before the next try of a request: doubling, half of it by chance.
  double pause(int tries);
  void wait(double seconds) const { options_.sleep(seconds); }

 private:
  Options options_;
  mutable std::mutex mutex_;
  Random random_;
  int64_t begun_ = 0, counted_at_ = 0, in_a_row_ = 0;
  double held_until_ = 0;
};

/// The seconds that a Retry-After says: a number, or a date against `now_s` since 1970. Nothing where it says neither.
std::optional<double> retry_after(const std::string& value, int64_t now_s);

}  // namespace segue
