#include "listening/json_rows.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>

#include "core/json_stream.h"
#include "core/text_stream.h"

namespace segue {
namespace {

constexpr size_t longest_row = 1 << 20;

bool is_array(std::string_view head) {
  head = without_mark(head);
  const size_t start = head.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && head[start] == '[';
}

/// The numbers in a name, as texts without leading zeros: they may have any length.
std::vector<std::string> numbers_in(const std::string& name) {
  std::vector<std::string> numbers;
  bool inside = false;
  for (const char c : name) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && !inside) numbers.emplace_back();
    if (digit && (c != '0' || !numbers.back().empty())) numbers.back() += c;
    inside = digit;
  }
  return numbers;
}

class RowReader {
 public:
  RowReader(const ReadObject& read, PlayBatch& batch) : read_(read), batch_(batch) {}

  void row(std::string_view text, bool cut) {
    if (cut) return batch_.refuse("too-long", text);
    if (!element_.parse(text)) return batch_.refuse("malformed-line", text);
    if (!element_.root().is(JsonValue::Kind::object)) return batch_.refuse("not-an-object", text);
    RawPlay play;
    const auto why = read_(element_.root(), play);
    if (why.empty()) batch_.add(play);
    else batch_.refuse(why, text);
  }

 private:
  const ReadObject& read_;
  PlayBatch& batch_;
  JsonElement element_;
};

}  // namespace

void read_json_rows(const Source& source, const std::string& file, const ReadObject& read, PlayBatch& batch) {
  RowReader rows(read, batch);
  const auto stream = source.read(file);
  if (is_array(source.head(file))) {
    JsonArray array(*stream, fmt::format("{}: {}", source.path().string(), file), longest_row);
    for (std::string_view text; array.next(text);) rows.row(text, array.cut());
    return;
  }
  LineReader lines(*stream, longest_row);
  bool first = true;
  for (std::string_view line; lines.next(line); first = false) {
    if (first) line = without_mark(line);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;  // an empty line is no row
    rows.row(line, lines.cut());
  }
}

bool first_object(const std::string& head, std::string& text, JsonElement& element) {
  constexpr int looked_at = 16;  // some rows of a log may be spoilt
  const auto is_object = [&](std::string_view row) {
    text = row;
    return element.parse(text) && element.root().is(JsonValue::Kind::object);
  };
  TextStream stream(head);
  std::string_view row;
  if (!is_array(head)) {
    LineReader lines(stream);
    for (int i = 0; i < looked_at && lines.next(row); ++i) {
      if (is_object(without_mark(row))) return true;
    }
    return false;
  }
  try {
    JsonArray array(stream, "head");
    for (int i = 0; i < looked_at && array.next(row); ++i) {
      if (is_object(row)) return true;
    }
  } catch (const Error&) {
    // The head ends inside a row, or the file isn't JSON: either way there is no such object.
  }
  return false;
}

bool first_object_has(const std::string& head, std::initializer_list<std::string_view> keys) {
  std::string text;
  JsonElement element;
  if (!first_object(head, text, element)) return false;
  return std::all_of(keys.begin(), keys.end(), [&](auto key) { return !element.root()[key].is(JsonValue::Kind::missing); });
}

std::optional<double> number_of(const JsonValue& value) {
  const auto text = value.text();
  if (!text) return value.number();
  double number = 0;
  const auto [stop, failed] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (failed != std::errc() || stop != text->data() + text->size()) return std::nullopt;
  return number;
}

std::optional<int64_t> heard_ms(const JsonValue& value) {
  constexpr double year = 366.0 * 86'400'000;
  const auto number = value.number();
  if (!number || !(*number >= 0 && *number <= year)) return std::nullopt;
  return std::llround(*number);
}

std::string text_in_file(const Source& source, std::string_view name, std::string_view key) {
  for (const auto& file : source.files()) {
    if (file != name && !file.ends_with(fmt::format("/{}", name))) continue;
    JsonElement element;
    if (const std::string head = source.head(file); element.parse(without_mark(head))) {
      return std::string(element.root()[key].text().value_or(""));
    }
  }
  return {};
}

std::vector<std::string> by_number(std::vector<std::string> files) {
  std::stable_sort(files.begin(), files.end(), [](const std::string& a, const std::string& b) {
    const auto x = numbers_in(a), y = numbers_in(b);
    const auto less = [](const std::string& one, const std::string& other) {
      return one.size() != other.size() ? one.size() < other.size() : one < other;
    };
    if (x == y) return a < b;
    return std::lexicographical_compare(x.begin(), x.end(), y.begin(), y.end(), less);
  });
  return files;
}

}  // namespace segue
