#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/random.h"

namespace segue {

/// The time, and how it passes: in tests it does so at once.
class WaitClock {
 public:
  using Time = std::chrono::steady_clock::time_point;
  virtual ~WaitClock() = default;
  virtual Time now() const { return std::chrono::steady_clock::now(); }
  virtual std::chrono::system_clock::time_point date() const { return std::chrono::system_clock::now(); }
  /// Until then, or until `wake` is notified, or sooner.
  virtual void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& wake, Time then) { wake.wait_until(lock, then); }
};

/// How long a server asks to wait, by its headers retry-after-ms (may be empty) and Retry-After (seconds or an HTTP date).
/// Nothing where they say nothing that lies ahead.
std::optional<std::chrono::milliseconds> read_retry_after(std::string_view ms, const std::string& value, std::chrono::system_clock::time_point date);

/// When requests of many threads to one server may be sent.
///
/// After a failure of one request, that one waits: 1 s at first, then twice as long each time, at most 60 s, and a little
/// more by chance. After a failure that concerns everybody (the server is busy, or away), or a second one with no answer
/// between them, all wait; afterwards one goes ahead, and each answer lets one more go at the same time. A time that the
/// server itself asks for is kept exactly, by all.
///
/// Failures of requests that were sent before the last failure was counted don't count again. Once `give_up_after` were
/// counted with no answer between them, all is over.
class BackOff {
 public:
  using Time = WaitClock::Time;
  struct Options {
    int64_t give_up_after = 10;
    std::chrono::seconds longest_wait{600};  // that a server may ask for
    uint64_t seed = 0;                       // of the chance
    std::shared_ptr<WaitClock> clock = {};   // none: the machine's
  };
  struct Failed {
    std::string cause;      // "api.example.com answered 429: …"
    bool of_all = false;    // nobody should ask now
    std::optional<std::chrono::milliseconds> wait = {};  // that the server asks for
  };

  explicit BackOff(const Options& options);

  /// One attempt; ends where none of the others was called before it goes.
  class Attempt {
   public:
    Attempt(BackOff& of, uint64_t number) : of_(&of), number_(number) {}
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;
    ~Attempt();
    void answered();
    /// When this request may be tried again; it has failed `tries` times. Throws ChatFailure where all is over.
    Time failed(int64_t tries, const Failed& why);

   private:
    BackOff* of_;
    uint64_t number_;
  };

  /// Waits until a request may be sent, at `not_before` or later. Throws ChatFailure where all is over.
  std::unique_ptr<Attempt> begin(Time not_before = {});
  /// From now on begin() throws this, for all threads.
  [[noreturn]] void stop(const std::string& why);
  std::chrono::system_clock::time_point date() const { return clock_->date(); }

 private:
  Time count(uint64_t number, int64_t tries, const Failed& why);
  [[noreturn]] void end(const std::string& why);
  void leave();
  std::chrono::milliseconds growing(int64_t times);
  void wait_for_all(Time until, const Failed& why);

  Options options_;
  std::shared_ptr<WaitClock> clock_;
  Random random_;
  std::mutex mutex_;
  std::condition_variable free_, over_wakes_;
  std::string over_;
  Time until_{};          // nobody sends before
  int64_t sending_ = 0, allowed_;
  int64_t run_ = 0;       // failures counted since the last answer
  uint64_t events_ = 0, counted_ = 0;  // attempts begun and failures counted, in one order
};

}  // namespace segue
