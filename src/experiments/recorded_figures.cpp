#include "experiments/recorded_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>

namespace segue {
namespace {

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

void remove_all(std::string& text, std::string_view unwanted) {
  for (size_t at; (at = text.find(unwanted)) != std::string::npos;) text.erase(at, unwanted.size());
}

/// The number at the end of a text, which is cut off; 0 where there is none.
int cut_off_number(std::string& text) {
  size_t from = text.size();
  while (from > 0 && is_digit(text[from - 1])) --from;
  int k = 0;
  std::from_chars(text.data() + from, text.data() + text.size(), k);
  text.resize(from);
  return k;
}

/// Digits behind the point of a number as it stands there, "1.5e-3" has four.
int digits_of(std::string_view number) {
  const size_t e = number.find_first_of("eE");
  const auto mantissa = number.substr(0, e);
  const size_t point = mantissa.find('.');
  int digits = point == std::string_view::npos ? 0 : static_cast<int>(mantissa.size() - point - 1);
  if (e != std::string_view::npos) {
    int exponent = 0;
    const size_t from = number[e + 1] == '+' ? e + 2 : e + 1;
    std::from_chars(number.data() + from, number.data() + number.size(), exponent);
    digits -= exponent;
  }
  return std::clamp(digits, 0, exact_digits);
}

/// The number that a text begins with, and where it ends.
std::optional<Figure> number_at(std::string_view text, size_t& end) {
  double value = 0;
  const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || !std::isfinite(value)) return std::nullopt;
  end = static_cast<size_t>(stop - text.data());
  return Figure{value, digits_of(text.substr(0, end))};
}

Figure as_share(Figure figure, bool percent) {
  if (!percent) return figure;
  return {figure.value / 100, std::min(figure.digits + 2, exact_digits)};
}

}  // namespace

std::string FigureName::key() const { return fmt::format("{}@{}", metric, k); }

int64_t count_in(std::string_view text) {
  text = trimmed(text);
  int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white = " \t\r\n\v\f";
  const size_t from = text.find_first_not_of(white);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(white) - from + 1);
}

std::optional<std::string> metric_name(std::string_view word) {
  static const std::map<std::string, const char*> known{
      {"recall", "recall"}, {"rec", "recall"}, {"hit", "hit"}, {"hits", "hit"}, {"hr", "hit"}, {"hitrate", "hit"}, {"hitratio", "hit"},
      {"ndcg", "ndcg"}, {"mrr", "mrr"}, {"map", "map"}, {"precision", "precision"}, {"prec", "precision"}};
  std::string name = lower_ascii(trimmed(word));
  for (const char* unwanted : {"*", "`", "_", "-", " "}) remove_all(name, unwanted);
  const auto found = known.find(name);
  return found == known.end() ? std::nullopt : std::optional<std::string>(found->second);
}

std::optional<int> cut_of(std::string_view word) {
  std::string text = lower_ascii(trimmed(word));
  const int k = cut_off_number(text);
  const bool cut = text == "top-" || text == "top" || text == "top@" || text == "@" || text == "k=";
  return cut && k > 0 ? std::optional(k) : std::nullopt;
}

std::optional<FigureName> figure_name(std::string_view text) {
  static const std::map<std::string, const char*> letters{{"r", "recall"}, {"h", "hit"}, {"n", "ndcg"}, {"p", "precision"}, {"m", "mrr"}};
  FigureName name;
  std::string word = lower_ascii(trimmed(text));
  name.percent = word.find('%') != std::string::npos;
  for (const char* unwanted : {"(%)", "[%]", "%", "*", "`", "\"", "'", " "}) remove_all(word, unwanted);
  for (const std::string_view prefix : {"test_", "test/", "test-", "eval_", "eval/"}) {
    if (word.starts_with(prefix)) word.erase(0, prefix.size());
  }
  name.k = cut_off_number(word);
  if (name.k <= 0) return std::nullopt;
  const size_t length = word.size();
  while (!word.empty() && (word.back() == '@' || word.back() == '_' || word.back() == '-' || word.back() == '/')) word.pop_back();
  if (const auto metric = metric_name(word)) name.metric = *metric;
  else if (const auto letter = letters.find(word); letter != letters.end() && word.size() < length) name.metric = letter->second;
  else return std::nullopt;
  return name;
}

std::optional<Figure> figure_of(std::string_view text, bool percent) {
  const size_t from = text.find_first_of("0123456789.-");
  if (from == std::string_view::npos) return std::nullopt;
  size_t end = 0;
  const auto number = number_at(text.substr(from), end);
  if (!number) return std::nullopt;
  return as_share(*number, percent || text.substr(from + end).find('%') != std::string_view::npos);
}

std::vector<std::pair<FigureName, Figure>> figures_in(std::string_view text, bool percent) {
  std::vector<std::pair<FigureName, Figure>> out;
  for (size_t at = 0; (at = text.find_first_of("@_", at)) != std::string_view::npos; ++at) {
    size_t from = at, to = at + 1;
    while (from > 0 && (is_letter(text[from - 1]) || text[from - 1] == '_' || text[from - 1] == '-')) --from;
    while (to < text.size() && is_digit(text[to])) ++to;
    if (to == at + 1) continue;
    const auto name = figure_name(text.substr(from, to - from));
    const size_t number = text.find_first_not_of("'\" \t\r\n:=,|)", to);
    if (!name || number == std::string_view::npos || number == to) continue;
    size_t end = 0;
    const auto figure = number_at(text.substr(number), end);
    if (!figure) continue;
    const bool marked = number + end < text.size() && text[number + end] == '%';
    out.emplace_back(*name, as_share(*figure, percent || marked));
    at = number + end - 1;
  }
  return out;
}

}  // namespace segue
