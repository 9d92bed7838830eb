#pragma once

#include <fmt/format.h>

#include <chrono>
#include <string>

namespace segue::simulation {

/// A second since 1970 as people write it, in UTC.
struct Calendar {
  explicit Calendar(int64_t time_s) : at(std::chrono::seconds(time_s)), date(std::chrono::floor<std::chrono::days>(at)),
                                      time(at - std::chrono::floor<std::chrono::days>(at)) {}

  int year() const { return static_cast<int>(date.year()); }
  unsigned month() const { return static_cast<unsigned>(date.month()); }
  unsigned day() const { return static_cast<unsigned>(date.day()); }

  std::string iso_date() const { return fmt::format("{:04}-{:02}-{:02}", year(), month(), day()); }
  std::string clock() const { return fmt::format("{:02}:{:02}", time.hours().count(), time.minutes().count()); }
  /// 2024-05-04T23:08:57Z
  std::string iso() const { return fmt::format("{}T{}:{:02}Z", iso_date(), clock(), time.seconds().count()); }

  std::chrono::sys_seconds at;
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<std::chrono::seconds> time;
};

}  // namespace segue::simulation
