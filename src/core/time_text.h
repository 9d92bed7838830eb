#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace segue {

// Times are taken from the year 1 to the year 9999, in seconds since 1970.
constexpr int64_t earliest_second = -62135596800;
constexpr int64_t latest_second = 253402300799;

/// Seconds since 1970 of a date and time that the calendar has (no leap seconds), else nothing.
std::optional<int64_t> civil_second(int year, int month, int day, int hour, int minute, int second);

/// Exactly "YYYY-MM-DDTHH:MM:SS", then nothing or "Z".
std::optional<int64_t> iso_second(std::string_view text);

/// Exactly "YYYY-MM-DD HH:MM".
std::optional<int64_t> civil_minute(std::string_view text);

struct ReadTime {
  int64_t ms = 0;       // since 1970; as if in UTC where `has_zone` is false
  int32_t error_s = 1;  // 60 where the text has no seconds
  bool has_zone = false;
  bool operator==(const ReadTime&) const = default;
};

/// A time as people's exports write it: seconds since 1970 (milliseconds past 1e11), ISO 8601 with "T" or a blank, with
/// or without seconds, fraction and zone ("Z", "UTC", "+02:00"), or "01 Jan 2020, 12:34".
std::optional<ReadTime> read_time(std::string_view text);

/// Milliseconds of a number of seconds since 1970, where the number is in the years above.
std::optional<int64_t> epoch_ms(double seconds);

/// The same for a number that is in milliseconds past 1e11, which as seconds would be the year 5138.
std::optional<int64_t> epoch_ms_of_either(double number);

/// A zone's distance from UTC in seconds: "Z", "UTC", "GMT", "+2", "+02:00", "-0330", "UTC+1".
std::optional<int64_t> zone_offset(std::string_view text);

}  // namespace segue
