#include "annotation/back_off.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <thread>

namespace segue {

BackOff::BackOff(Options options) : options_(std::move(options)), random_(options_.seed) {
  if (!options_.now) {
    options_.now = [] { return Seconds(std::chrono::steady_clock::now().time_since_epoch()).count(); };
  }
  if (!options_.sleep) {
    options_.sleep = [](double seconds) { std::this_thread::sleep_for(Seconds(seconds)); };
  }
}

int64_t BackOff::begin() {
  for (;;) {
    double left = 0;
    {
      const std::lock_guard lock(mutex_);
      left = held_until_ - options_.now();
      if (left <= 0) return ++begun_;
    }
    options_.sleep(left);
  }
}

void BackOff::succeeded() {
  const std::lock_guard lock(mutex_);
  in_a_row_ = 0;
}

bool BackOff::failed(int64_t attempt) {
  const std::lock_guard lock(mutex_);
  if (attempt > counted_at_) {
    ++in_a_row_;
    counted_at_ = begun_;  // those that are under way now have the same cause
  }
  return in_a_row_ >= options_.give_up_after;
}

int64_t BackOff::in_a_row() const {
  const std::lock_guard lock(mutex_);
  return in_a_row_;
}

void BackOff::hold(double seconds) {
  const std::lock_guard lock(mutex_);
  held_until_ = std::max(held_until_, options_.now() + seconds);
}

double BackOff::pause(int tries) {
  const std::lock_guard lock(mutex_);
  double pause = options_.first_s;
  for (int i = 0; i < tries && pause < options_.longest_s; ++i) pause *= 2;
  return std::min(pause, options_.longest_s) * (0.5 + 0.5 * random_.uniform());
}

std::optional<double> retry_after(const std::string& value, int64_t now_s) {
  double seconds = 0;
  const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (failed == std::errc() && end == value.data() + value.size()) return seconds >= 0 && seconds < 1e9 ? std::optional(seconds) : std::nullopt;
  const time_t date = curl_getdate(value.c_str(), nullptr);
  if (date < 0) return std::nullopt;
  return std::max<double>(0, static_cast<double>(date - now_s));
}

}  // namespace segue
