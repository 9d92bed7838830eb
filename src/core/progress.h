#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace segue {

/// Says on stderr how far a long job is: a bar with count, rate and time left on a terminal, a line now and then
/// elsewhere, nothing where quiet. One thread at a time.
class Progress {
 public:
  /// total: 0 where it is not known.
  Progress(std::string what, int64_t total, std::string unit);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(int64_t by) { at(done_ + by); }
  void at(int64_t done);

 private:
  void show();

  using Clock = std::chrono::steady_clock;
  std::string what_, unit_;
  int64_t total_, done_ = 0;
  Clock::time_point start_, shown_;
  bool terminal_, drawn_ = false;
};

/// 75 seconds as "1:15", 4000 as "1:06:40".
std::string clock_time(double seconds);

/// --quiet: no progress and no notes.
void set_quiet(bool quiet);
bool quiet();

/// One line on stderr for the person watching, unless quiet.
void note(const std::string& line);

}  // namespace segue
