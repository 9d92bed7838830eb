#include "listening/json_rows.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <memory>

#include "core/json_stream.h"
#include "core/text_stream.h"

namespace segue {
namespace {

constexpr size_t longest_row = 1 << 20;

/// A stream whose start has been looked at.
class Looked : public ByteStream {
 public:
  explicit Looked(ByteStream& rest) : rest_(rest) {}

  /// The first character of the text that is not white; 0 where there is none.
  char first() {
    for (;;) {
      const auto text = without_mark(start_);
      const size_t place = text.find_first_not_of(" \t\r\n");
      const bool half_a_mark = start_.size() < byte_order_mark.size() && byte_order_mark.starts_with(start_);
      if (place != std::string_view::npos && !half_a_mark) return text[place];
      if (over_ || start_.size() > most_looked_at) return 0;
      const auto block = rest_.next();
      over_ = block.empty();
      start_.append(block.data(), block.size());
    }
  }

  std::span<const char> next() override {
    if (!given_ && !start_.empty()) {
      given_ = true;
      return start_;
    }
    return over_ ? std::span<const char>() : rest_.next();
  }

 private:
  static constexpr size_t most_looked_at = 1 << 20;
  ByteStream& rest_;
  std::string start_;
  bool given_ = false, over_ = false;
};

/// Calls row(text, cut) for each element of an array, or else each line that is not empty, until it returns false.
template <class Row>
void each_row(ByteStream& bytes, const std::string& file, const Row& row) {
  Looked stream(bytes);
  std::string_view text;
  if (stream.first() == '[') {
    JsonArray array(stream, file, longest_row);
    while (array.next(text) && row(text, array.cut())) {}
    return;
  }
  LineReader lines(stream, longest_row);
  for (bool first = true; lines.next(text); first = false) {
    if (first) text = without_mark(text);
    if (text.find_first_not_of(" \t") == std::string_view::npos) continue;
    if (!row(text, lines.cut())) return;
  }
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
  each_row(*stream, fmt::format("{}: {}", source.path().string(), file), [&](std::string_view text, bool cut) {
    rows.row(text, cut);
    return true;
  });
}

bool some_object_has(const std::string& head, std::initializer_list<std::string_view> keys) {
  constexpr int looked_at = 16;  // some rows of a log may be spoilt
  TextStream stream(head);
  JsonElement element;
  int seen = 0;
  bool found = false;
  try {
    each_row(stream, "head", [&](std::string_view text, bool) {
      found = element.parse(text) && std::all_of(keys.begin(), keys.end(), [&](auto key) {
        return !element.root()[key].is(JsonValue::Kind::missing);
      });
      return !found && ++seen < looked_at;
    });
  } catch (const Error&) {
    // The head ends inside a row, or the file isn't JSON: what was found before that counts.
  }
  return found;
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
  constexpr double longest = std::numeric_limits<int32_t>::max();  // 24.8 days: plays keep it in 32 bits
  const auto number = value.number();
  if (!number || !(*number >= 0 && *number <= longest)) return std::nullopt;
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
