#include "core/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace segue {
namespace {

bool silent = false;

}  // namespace

std::string clock_time(double seconds) {
  const auto s = static_cast<int64_t>(seconds + 0.5);
  return s < 3600 ? fmt::format("{}:{:02}", s / 60, s % 60)
                  : fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

void set_quiet(bool quiet) { silent = quiet; }
bool quiet() { return silent; }

void note(const std::string& line) {
  if (!silent) fmt::print(stderr, "{}\n", line);
}

Progress::Progress(std::string what, int64_t total, std::string unit)
    : what_(std::move(what)), unit_(std::move(unit)), total_(total), start_(Clock::now()), shown_(start_),
      terminal_(::isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (drawn_ && terminal_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::at(int64_t done) {
  done_ = done;
  const auto pause = terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10'000);
  const auto now = Clock::now();
  if (silent || now - shown_ < pause) return;
  shown_ = now;
  show();
}

void Progress::show() {
  const double seconds = std::chrono::duration<double>(shown_ - start_).count();
  const double rate = seconds > 0 ? static_cast<double>(done_) / seconds : 0;
  std::string line = total_ > 0 ? fmt::format("{} {}/{} {}", what_, done_, total_, unit_)
                                : fmt::format("{} {} {}", what_, done_, unit_);
  line += rate < 1 ? fmt::format(", {:.2f}/s", rate) : fmt::format(", {:.0f}/s", rate);
  if (total_ > 0 && rate > 0) line += fmt::format(", {} left", clock_time(static_cast<double>(total_ - done_) / rate));
  if (!terminal_) {
    fmt::print(stderr, "{}\n", line);
  } else {
    constexpr int width = 24;
    const int full = total_ > 0 ? static_cast<int>(width * done_ / total_) : 0;
    const std::string bar = total_ > 0 ? fmt::format("[{:=<{}}{: <{}}] ", "", full, "", width - full) : "";
    fmt::print(stderr, "\r\x1b[K{}{}", bar, line);
    std::fflush(stderr);
  }
  drawn_ = true;
}

}  // namespace segue
