#include "core/time_text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace segue {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// Days from 1970-01-01 to a date of the Gregorian calendar: years begin in March, so that the leap day is the last.
constexpr int64_t days_since_1970(int year, int month, int day) {
  const int64_t y = month <= 2 ? year - 1 : year;
  const int64_t in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return y * 365 + y / 4 - y / 100 + y / 400 + in_year - 719468;
}
static_assert(days_since_1970(1970, 1, 1) == 0);

int days_in(int year, int month) {
  constexpr std::array days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return days[static_cast<size_t>(month - 1)] + (leap && month == 2 ? 1 : 0);
}

/// The digits at text[from, from + count); adds to `wrong` where there is something else.
int digits_at(std::string_view text, size_t from, size_t count, unsigned& wrong) {
  int number = 0;
  for (size_t i = from; i < from + count; ++i) {
    const unsigned digit = static_cast<unsigned char>(text[i]) - unsigned{'0'};
    wrong |= digit > 9;
    number = number * 10 + static_cast<int>(digit & 15);
  }
  return number;
}

/// Reads a text from its start, piece by piece.
struct Scanner {
  std::string_view left;

  bool take(char c) {
    if (left.empty() || left.front() != c) return false;
    left.remove_prefix(1);
    return true;
  }
  bool blanks() {
    const size_t before = left.size();
    while (take(' ')) {}
    return left.size() != before;
  }
  std::optional<int> digits(size_t least, size_t most) {
    size_t count = 0;
    while (count < most && count < left.size() && is_digit(left[count])) ++count;
    if (count < least) return std::nullopt;
    unsigned wrong = 0;
    const int number = digits_at(left, 0, count, wrong);
    left.remove_prefix(count);
    return number;
  }
  /// January … December, or their first three letters.
  std::optional<int> month() {
    constexpr std::array<std::string_view, 12> names{"january", "february", "march", "april", "may", "june", "july",
                                                     "august", "september", "october", "november", "december"};
    size_t length = 0;
    while (length < left.size() && lower(left[length]) >= 'a' && lower(left[length]) <= 'z') ++length;
    for (size_t i = 0; i < names.size(); ++i) {
      if (length != 3 && length != names[i].size()) continue;
      size_t same = 0;
      while (same < length && lower(left[same]) == names[i][same]) ++same;
      if (same < length) continue;
      left.remove_prefix(length);
      return static_cast<int>(i) + 1;
    }
    return std::nullopt;
  }
};

struct Date {
  int year = 0, month = 0, day = 0;
};

std::optional<Date> read_date(Scanner& text) {
  const auto first = text.digits(1, 4);
  if (!first) return std::nullopt;
  if (text.take('-') || text.take('/')) {
    const auto month = text.digits(1, 2);
    if (!month || !(text.take('-') || text.take('/'))) return std::nullopt;
    const auto day = text.digits(1, 2);
    return day ? std::optional(Date{*first, *month, *day}) : std::nullopt;
  }
  text.blanks();
  const auto month = text.month();
  text.blanks();
  const auto year = text.digits(4, 4);
  return month && year ? std::optional(Date{*year, *month, *first}) : std::nullopt;
}

std::optional<ReadTime> read_clock(Scanner& text, const Date& date) {
  const auto hour = text.digits(1, 2);
  if (!hour || !text.take(':')) return std::nullopt;
  const auto minute = text.digits(2, 2);
  if (!minute) return std::nullopt;
  int second = 0, thousandths = 0;
  ReadTime time;
  time.error_s = 60;
  if (text.take(':')) {
    const auto seconds = text.digits(2, 2);
    if (!seconds) return std::nullopt;
    second = *seconds;
    time.error_s = 1;
    if (text.take('.')) {
      int places = 0;
      for (; const auto digit = text.digits(1, 1); ++places) {
        if (places < 3) thousandths = thousandths * 10 + *digit;
      }
      if (places == 0) return std::nullopt;
      for (; places < 3; ++places) thousandths *= 10;
    }
  }
  const auto whole = civil_second(date.year, date.month, date.day, *hour, *minute, second);
  if (!whole) return std::nullopt;
  time.ms = *whole * 1000 + thousandths;
  return time;
}

std::optional<ReadTime> read_epoch(std::string_view text) {
  double number = 0;
  const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  const auto ms = epoch_ms_of_either(number);
  if (!ms) return std::nullopt;
  return ReadTime{*ms, 1, true};
}

std::optional<int64_t> whole_ms(double ms) {
  if (!(ms >= earliest_second * 1e3 && ms < (latest_second + 1) * 1e3)) return std::nullopt;  // also where it is NaN
  return static_cast<int64_t>(std::round(ms));
}

}  // namespace

std::optional<int64_t> civil_second(int year, int month, int day, int hour, int minute, int second) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return std::nullopt;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return std::nullopt;
  return days_since_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
}

std::optional<int64_t> iso_second(std::string_view text) {
  if (text.size() == 20 && text[19] == 'Z') text.remove_suffix(1);
  if (text.size() != 19) return std::nullopt;
  unsigned wrong = static_cast<unsigned>((text[4] ^ '-') | (text[7] ^ '-') | (text[10] ^ 'T') | (text[13] ^ ':') |
                                         (text[16] ^ ':'));
  const int year = digits_at(text, 0, 4, wrong), month = digits_at(text, 5, 2, wrong), day = digits_at(text, 8, 2, wrong);
  const int hour = digits_at(text, 11, 2, wrong), minute = digits_at(text, 14, 2, wrong);
  const int second = digits_at(text, 17, 2, wrong);
  return wrong != 0 ? std::nullopt : civil_second(year, month, day, hour, minute, second);
}

std::optional<int64_t> civil_minute(std::string_view text) {
  if (text.size() != 16) return std::nullopt;
  unsigned wrong = static_cast<unsigned>((text[4] ^ '-') | (text[7] ^ '-') | (text[10] ^ ' ') | (text[13] ^ ':'));
  const int year = digits_at(text, 0, 4, wrong), month = digits_at(text, 5, 2, wrong), day = digits_at(text, 8, 2, wrong);
  const int hour = digits_at(text, 11, 2, wrong), minute = digits_at(text, 14, 2, wrong);
  return wrong != 0 ? std::nullopt : civil_second(year, month, day, hour, minute, 0);
}

std::optional<int64_t> zone_offset(std::string_view text) {
  for (const std::string_view name : {"UTC", "GMT", "Z"}) {
    if (!text.starts_with(name)) continue;
    text.remove_prefix(name.size());
    if (text.empty()) return 0;
    break;
  }
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int64_t sign = text.front() == '-' ? -1 : 1;
  Scanner left{text.substr(1)};
  const auto hours = left.digits(1, 2);
  int minutes = 0;
  if (hours && !left.left.empty()) {
    left.take(':');
    const auto more = left.digits(2, 2);
    if (!more) return std::nullopt;
    minutes = *more;
  }
  if (!hours || !left.left.empty() || *hours > 23 || minutes > 59) return std::nullopt;
  return sign * (*hours * 3600 + minutes * 60);
}

std::optional<ReadTime> read_time(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (const auto time = read_epoch(text)) return time;
  Scanner scanner{text};
  const auto date = read_date(scanner);
  if (!date) return std::nullopt;
  const bool comma = scanner.take(',');
  if (!scanner.blanks() && !comma && !scanner.take('T')) return std::nullopt;
  auto time = read_clock(scanner, *date);
  if (!time) return std::nullopt;
  scanner.blanks();
  if (scanner.left.empty()) return time;
  const auto offset = zone_offset(scanner.left);
  if (!offset) return std::nullopt;
  time->ms -= *offset * 1000;
  time->has_zone = true;
  const bool in_span = time->ms >= earliest_second * 1000 && time->ms < (latest_second + 1) * 1000;
  return in_span ? time : std::nullopt;
}

std::optional<int64_t> epoch_ms(double seconds) { return whole_ms(seconds * 1e3); }

std::optional<int64_t> epoch_ms_of_either(double number) {
  return std::abs(number) > 1e11 ? whole_ms(number) : epoch_ms(number);
}

}  // namespace segue
