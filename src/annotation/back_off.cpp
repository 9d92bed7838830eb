#include "annotation/back_off.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <limits>

#include "annotation/chat_model.h"
#include "core/progress.h"

namespace segue {
namespace {

using std::chrono::milliseconds;

constexpr int64_t no_limit = std::numeric_limits<int64_t>::max();
constexpr double longest_read = 1e9;  // seconds: thirty years are as good as any more

/// The number that the whole text is, from 0 on.
std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) return longest_read;
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0)) return std::nullopt;
  return value;
}

std::optional<milliseconds> ahead(double seconds) {
  const milliseconds wait(static_cast<int64_t>(std::min(seconds, longest_read) * 1000));
  return wait.count() > 0 ? std::optional(wait) : std::nullopt;
}

std::string minute_text(std::chrono::system_clock::time_point when) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts)};
}

std::string wait_text(milliseconds wait) { return clock_time(static_cast<double>(wait.count()) / 1000); }

}  // namespace

std::optional<milliseconds> read_retry_after(std::string_view ms, const std::string& value, std::chrono::system_clock::time_point date) {
  if (const auto number = number_of(ms)) return ahead(*number / 1000);
  if (const auto number = number_of(value)) return ahead(*number);
  const std::time_t then = value.empty() ? -1 : curl_getdate(value.c_str(), nullptr);
  if (then < 0) return std::nullopt;
  return ahead(std::chrono::duration<double>(std::chrono::system_clock::from_time_t(then) - date).count());
}

BackOff::BackOff(const Options& options)
    : options_(options), clock_(options.clock ? options.clock : std::make_shared<WaitClock>()), random_(options.seed), allowed_(no_limit) {}

std::unique_ptr<BackOff::Attempt> BackOff::begin(Time not_before) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (!over_.empty()) throw ChatFailure(ChatFailure::Kind::all, 0, over_);
    const Time then = std::max(until_, not_before);
    if (clock_->now() < then) {
      clock_->wait_until(lock, over_wakes_, then);
    } else if (sending_ < allowed_) {
      break;
    } else {
      free_.wait(lock);
    }
  }
  ++sending_;
  return std::make_unique<Attempt>(*this, ++events_);
}

void BackOff::stop(const std::string& why) {
  const std::lock_guard lock(mutex_);
  end(why);
}

void BackOff::end(const std::string& why) {
  if (over_.empty()) over_ = why;
  free_.notify_all();
  over_wakes_.notify_all();
  throw ChatFailure(ChatFailure::Kind::all, 0, why);
}

void BackOff::leave() {
  --sending_;
  if (allowed_ != no_limit) free_.notify_all();
}

milliseconds BackOff::growing(int64_t times) {
  const double seconds = static_cast<double>(int64_t{1} << std::clamp<int64_t>(times - 1, 0, 6));
  return milliseconds(static_cast<int64_t>(1000 * std::min(60.0, seconds * (1 + random_.uniform() / 4))));
}

void BackOff::wait_for_all(Time until, const Failed& why) {
  allowed_ = 1;
  const auto wait = std::chrono::duration_cast<milliseconds>(until - std::max(until_, clock_->now()));
  if (wait > milliseconds(4000)) note(why.cause + "; waiting for " + wait_text(wait));
  until_ = std::max(until_, until);
}

BackOff::Time BackOff::count(uint64_t number, int64_t tries, const Failed& why) {
  const bool counts = number > counted_;
  if (counts) {
    ++run_;
    counted_ = ++events_;
  }
  if (run_ >= options_.give_up_after) end(fmt::format("{} failures in a row and no answer between them; the last: {}", run_, why.cause));
  const Time now = clock_->now();
  if (why.wait) {
    if (*why.wait > options_.longest_wait) {
      end(fmt::format("{}; it asks to wait for {}: go on after {}", why.cause, wait_text(*why.wait), minute_text(clock_->date() + *why.wait)));
    }
    wait_for_all(now + *why.wait, why);
    return until_;
  }
  if (!why.of_all && run_ < 2) return now + growing(tries);
  if (counts || until_ <= now) wait_for_all(now + growing(std::max<int64_t>(run_, 1)), why);
  return until_;
}

BackOff::Attempt::~Attempt() {
  if (of_ == nullptr) return;
  const std::lock_guard lock(of_->mutex_);
  of_->leave();
}

void BackOff::Attempt::answered() {
  const std::lock_guard lock(of_->mutex_);
  of_->run_ = 0;
  if (of_->allowed_ != no_limit) ++of_->allowed_;
  of_->leave();
  of_ = nullptr;
}

BackOff::Time BackOff::Attempt::failed(int64_t tries, const Failed& why) {
  BackOff& of = *of_;
  of_ = nullptr;
  const std::lock_guard lock(of.mutex_);
  of.leave();
  return of.count(number_, tries, why);
}

}  // namespace segue
