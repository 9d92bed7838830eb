#include "core/time_text.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/time_zone.h"

namespace segue {
namespace {

TEST(CivilSecond, AgreesWithTheCalendarOverFourHundredYears) {
  using namespace std::chrono;
  const sys_days first = year{1900} / 1 / 1;
  for (sys_days day = first; day < first + days{146097}; day += days{1}) {
    const year_month_day date{day};
    const auto second = civil_second(int(date.year()), static_cast<int>(unsigned(date.month())),
                                     static_cast<int>(unsigned(date.day())), 0, 0, 0);
    ASSERT_EQ(second, day.time_since_epoch().count() * 86400);
  }
}

TEST(CivilSecond, RefusesWhatTheCalendarHasNot) {
  EXPECT_EQ(civil_second(1, 1, 1, 0, 0, 0), earliest_second);
  EXPECT_EQ(civil_second(9999, 12, 31, 23, 59, 59), latest_second);
  EXPECT_TRUE(civil_second(2000, 2, 29, 0, 0, 0));
  EXPECT_FALSE(civil_second(1900, 2, 29, 0, 0, 0));
  EXPECT_FALSE(civil_second(2023, 4, 31, 0, 0, 0));
  EXPECT_FALSE(civil_second(0, 1, 1, 0, 0, 0));
  EXPECT_FALSE(civil_second(2023, 13, 1, 0, 0, 0));
  EXPECT_FALSE(civil_second(2023, 1, 0, 0, 0, 0));
  EXPECT_FALSE(civil_second(2023, 1, 1, 24, 0, 0));
  EXPECT_FALSE(civil_second(2023, 1, 1, 0, 60, 0));
  EXPECT_FALSE(civil_second(2023, 1, 1, 0, 0, 60));
}

TEST(IsoSecond, TakesOneFormOnly) {
  EXPECT_EQ(iso_second("1970-01-01T00:00:00"), 0);
  EXPECT_EQ(iso_second("2001-09-09T01:46:40Z"), 1'000'000'000);
  for (const char* text : {"", "Z", "2001-09-09 01:46:40", "2001-09-09T01:46:40z", "2001-09-09T01:46:40ZZ",
                           "2001-9-09T01:46:40", "2001-09-09T01:46", "2001-02-29T00:00:00Z", "200\xff-09-09T01:46:40",
                           "+001-09-09T01:46:40", "2001-09-09T01:46:4 "}) {
    EXPECT_FALSE(iso_second(text)) << text;
  }
}

TEST(CivilMinute, TakesOneFormOnly) {
  EXPECT_EQ(civil_minute("1970-01-01 00:01"), 60);
  for (const char* text : {"", "1970-01-01T00:01", "1970-01-01 00:01:00", "1970-01-01 0:01", "1970-01-32 00:01"}) {
    EXPECT_FALSE(civil_minute(text)) << text;
  }
}

TEST(ReadTime, ReadsTheFormsThatExportsUse) {
  const int64_t then = 1'000'000'000'000;  // 2001-09-09 01:46:40
  const auto with = [&](int64_t ms, int error_s, bool zone) { return std::optional(ReadTime{ms, error_s, zone}); };
  EXPECT_EQ(read_time("1000000000"), with(then, 1, true));
  EXPECT_EQ(read_time("1000000000.25"), with(then + 250, 1, true));
  EXPECT_EQ(read_time("1000000000000"), with(then, 1, true));
  EXPECT_EQ(read_time("2001-09-09 01:46:40"), with(then, 1, false));
  EXPECT_EQ(read_time("2001-09-09T01:46:40.5Z"), with(then + 500, 1, true));
  EXPECT_EQ(read_time("2001-09-09T03:46:40+02:00"), with(then, 1, true));
  EXPECT_EQ(read_time("2001-09-09 01:46:40 UTC"), with(then, 1, true));
  EXPECT_EQ(read_time("2001-09-09 01:46"), with(then - 40'000, 60, false));
  EXPECT_EQ(read_time("09 Sep 2001, 01:46"), with(then - 40'000, 60, false));
  EXPECT_EQ(read_time(" 9 september 2001 1:46 "), with(then - 40'000, 60, false));
}

TEST(ReadTime, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "now", "2001", "2001-09-09", "09 Sep 2001", "09 Foo 2001, 01:46", "2001-09-09T01", "2001-09-09 01:46:40.",
        "1e300", "nan", "inf", "2001-09-09 01:46 CEST", "2001-09-0901:46", "0001-01-01 00:00 +01:00"}) {
    if (std::string_view(text) == "2001") continue;  // a number of seconds like any other
    EXPECT_FALSE(read_time(text)) << text;
  }
}

TEST(EpochMs, RefusesNumbersThatAreNoTime) {
  for (const double number : {1e300, -1e300, std::numeric_limits<double>::infinity(), std::nan(""), 253402300800.0}) {
    EXPECT_FALSE(epoch_ms(number)) << number;
  }
  EXPECT_EQ(epoch_ms(-1.5), -1500);
  EXPECT_EQ(epoch_ms_of_either(4102444800), 4102444800'000);  // 2100
  EXPECT_EQ(epoch_ms_of_either(4102444800'000), 4102444800'000);
}

TEST(ZoneOffset, ReadsNamesAndHours) {
  EXPECT_EQ(zone_offset("Z"), 0);
  EXPECT_EQ(zone_offset("UTC"), 0);
  EXPECT_EQ(zone_offset("UTC+2"), 7200);
  EXPECT_EQ(zone_offset("-0330"), -12600);
  EXPECT_EQ(zone_offset("+05:45"), 20700);
  for (const char* text : {"", "CET", "+", "+24", "+1:", "+01:60", "+01:00x"}) EXPECT_FALSE(zone_offset(text)) << text;
}

TEST(TimeZone, FindsTheMomentThatAClockShows) {
  const TimeZone berlin("Europe/Berlin");
  const auto moment = [&](const char* text) { return berlin.moment_ms(read_time(text)->ms); };
  const auto utc = [](const char* text) { return read_time(text)->ms; };
  EXPECT_EQ(moment("2020-01-01 12:00"), utc("2020-01-01 11:00"));
  EXPECT_EQ(moment("2020-07-01 12:00"), utc("2020-07-01 10:00"));
  EXPECT_EQ(moment("2020-10-25 02:30"), utc("2020-10-25 00:30"));  // twice: the first
  EXPECT_EQ(moment("2020-03-29 02:30"), utc("2020-03-29 01:00"));  // never: the moment of the leap
  EXPECT_EQ(TimeZone("UTC").moment_ms(5), 5);
  EXPECT_THROW(TimeZone("Mars/Olympus"), Error);
}

}  // namespace
}  // namespace segue
