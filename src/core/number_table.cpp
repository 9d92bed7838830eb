#include "core/number_table.h"

#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/table.h>
#include <parquet/arrow/reader.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace segue {
namespace {

template <class T>
T take(arrow::Result<T> result, const Path& path) {
  if (!result.ok()) throw Error("{}: {}", path.string(), result.status().message());
  return std::move(result).ValueUnsafe();
}

/// A number at place i of an array of numbers; NaN where it is null.
class Cells {
 public:
  explicit Cells(const arrow::Array& array) : array_(array) {}

  static bool takes(arrow::Type::type type) {
    switch (type) {
      case arrow::Type::FLOAT:
      case arrow::Type::DOUBLE:
      case arrow::Type::INT8:
      case arrow::Type::INT16:
      case arrow::Type::INT32:
      case arrow::Type::INT64:
      case arrow::Type::UINT8:
      case arrow::Type::BOOL: return true;
      default: return false;
    }
  }

  double at(int64_t i) const {
    if (array_.IsNull(i)) return std::nan("");
    switch (array_.type_id()) {
      case arrow::Type::FLOAT: return of<arrow::FloatArray>(i);
      case arrow::Type::DOUBLE: return of<arrow::DoubleArray>(i);
      case arrow::Type::INT8: return of<arrow::Int8Array>(i);
      case arrow::Type::INT16: return of<arrow::Int16Array>(i);
      case arrow::Type::INT32: return of<arrow::Int32Array>(i);
      case arrow::Type::INT64: return of<arrow::Int64Array>(i);
      case arrow::Type::UINT8: return of<arrow::UInt8Array>(i);
      default: return of<arrow::BooleanArray>(i);
    }
  }

 private:
  template <class A>
  double of(int64_t i) const { return static_cast<double>(static_cast<const A&>(array_).Value(i)); }

  const arrow::Array& array_;
};

void put(NumberTable::Numbers& into, double value) {
  const bool known = std::isfinite(value);
  into.values.push_back(known ? value : 0);
  into.known.push_back(known ? 1 : 0);
}

/// Rows of a list column: as long as the first that is known, which all others must be.
template <class Lists>
void put_lists(NumberTable::Numbers& into, const Lists& lists, int64_t& length, int64_t& before, const Path& path) {
  const auto values = lists.values();
  const Cells cells(*values);
  for (int64_t i = 0; i < lists.length(); ++i) {
    if (lists.IsNull(i)) {
      if (length < 0) ++before;
      for (int64_t d = 0; d < std::max<int64_t>(0, length); ++d) put(into, std::nan(""));
      continue;
    }
    const int64_t n = lists.value_length(i);
    if (length < 0) {
      length = n;
      for (int64_t d = 0; d < before * n; ++d) put(into, std::nan(""));
    }
    if (n != length) throw Error("{}: column '{}' has a list of {} numbers and one of {}; vectors of one width are wanted", path.string(), into.name, length, n);
    for (int64_t d = 0; d < n; ++d) put(into, cells.at(lists.value_offset(i) + d));
  }
}

template <class Strings>
void put_words(Texts& into, const Strings& strings) {
  for (int64_t i = 0; i < strings.length(); ++i) into.push_back(strings.IsNull(i) ? std::string_view() : std::string_view(strings.GetView(i)));
}

bool is_list(const arrow::DataType& type) {
  const bool list = type.id() == arrow::Type::LIST || type.id() == arrow::Type::LARGE_LIST || type.id() == arrow::Type::FIXED_SIZE_LIST;
  return list && Cells::takes(type.field(0)->type()->id());
}

void add_column(NumberTable& table, const std::string& name, const arrow::ChunkedArray& column, const Path& path) {
  const auto& type = *column.type();
  if (type.id() == arrow::Type::STRING || type.id() == arrow::Type::LARGE_STRING) {
    NumberTable::Words words{name, {}};
    for (const auto& chunk : column.chunks()) {
      if (type.id() == arrow::Type::STRING) put_words(words.values, static_cast<const arrow::StringArray&>(*chunk));
      else put_words(words.values, static_cast<const arrow::LargeStringArray&>(*chunk));
    }
    table.words.push_back(std::move(words));
    return;
  }
  if (!is_list(type) && !Cells::takes(type.id())) return;
  NumberTable::Numbers numbers{name, 1, {}, {}};
  int64_t length = -1, before = 0;  // of lists; rows before the first
  for (const auto& chunk : column.chunks()) {
    switch (type.id()) {
      case arrow::Type::LIST: put_lists(numbers, static_cast<const arrow::ListArray&>(*chunk), length, before, path); break;
      case arrow::Type::LARGE_LIST: put_lists(numbers, static_cast<const arrow::LargeListArray&>(*chunk), length, before, path); break;
      case arrow::Type::FIXED_SIZE_LIST: put_lists(numbers, static_cast<const arrow::FixedSizeListArray&>(*chunk), length, before, path); break;
      default: {
        const Cells cells(*chunk);
        for (int64_t i = 0; i < chunk->length(); ++i) put(numbers, cells.at(i));
      }
    }
  }
  if (is_list(type)) numbers.width = std::max<int64_t>(0, length);
  table.numbers.push_back(std::move(numbers));
}

}  // namespace

const NumberTable::Words* NumberTable::find_words(const std::string& name) const {
  const auto found = std::find_if(words.begin(), words.end(), [&](const auto& column) { return column.name == name; });
  return found == words.end() ? nullptr : &*found;
}

const NumberTable::Numbers* NumberTable::find_numbers(const std::string& name) const {
  const auto found = std::find_if(numbers.begin(), numbers.end(), [&](const auto& column) { return column.name == name; });
  return found == numbers.end() ? nullptr : &*found;
}

NumberTable read_number_table(const Path& path) {
  const auto file = take(arrow::io::ReadableFile::Open(path.string()), path);
  const auto reader = take(parquet::arrow::OpenFile(file, arrow::default_memory_pool()), path);
  const auto read = take(reader->ReadTable(), path);
  NumberTable table;
  table.rows = read->num_rows();
  for (int i = 0; i < read->num_columns(); ++i) add_column(table, read->field(i)->name(), *read->column(i), path);
  return table;
}

}  // namespace segue
