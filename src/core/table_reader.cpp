#include <arrow/util/key_value_metadata.h>
#include <parquet/column_reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "core/parallel.h"
#include "core/table.h"

namespace segue {
namespace {

/// Calls read(); what Parquet finds wrong becomes an Error.
template <class Read>
auto reading(const Path& path, const Read& read) {
  try {
    return read();
  } catch (const parquet::ParquetException& wrong) {
    throw Error("{}: {}", path.string(), wrong.what());
  }
}

bool is_whole_number(const parquet::LogicalType& type, int bits) {
  if (!type.is_int()) return bits >= 32 && type.is_none();
  const auto& number = static_cast<const parquet::IntLogicalType&>(type);
  return number.is_signed() && number.bit_width() == bits;
}

/// A column without rows. Throws Error if it is of a type that Segue does not write.
Column empty_column(const parquet::ColumnDescriptor& from, const Path& path) {
  const auto& type = *from.logical_type();
  const bool flat = from.max_repetition_level() == 0 && from.max_definition_level() <= 1;
  switch (flat ? from.physical_type() : parquet::Type::UNDEFINED) {
    case parquet::Type::BOOLEAN: return {from.name(), Flags(), {}};
    case parquet::Type::FLOAT: return {from.name(), std::vector<float>(), {}};
    case parquet::Type::DOUBLE: return {from.name(), std::vector<double>(), {}};
    case parquet::Type::INT32:
      if (is_whole_number(type, 8)) return {from.name(), std::vector<int8_t>(), {}};
      if (is_whole_number(type, 16)) return {from.name(), std::vector<int16_t>(), {}};
      if (is_whole_number(type, 32)) return {from.name(), std::vector<int32_t>(), {}};
      break;
    case parquet::Type::INT64:
      if (is_whole_number(type, 64)) return {from.name(), std::vector<int64_t>(), {}};
      break;
    case parquet::Type::BYTE_ARRAY:
      if (type.is_string()) return {from.name(), Texts(), {}};
      break;
    default: break;
  }
  throw Error("{}: column '{}' is of type {} ({}), which Segue does not read", path.string(), from.name(),
              parquet::TypeToString(from.physical_type()), type.ToString());
}

template <class T> struct StoredAs;
template <> struct StoredAs<int8_t> : std::type_identity<parquet::Int32Type> {};
template <> struct StoredAs<int16_t> : std::type_identity<parquet::Int32Type> {};
template <> struct StoredAs<int32_t> : std::type_identity<parquet::Int32Type> {};
template <> struct StoredAs<int64_t> : std::type_identity<parquet::Int64Type> {};
template <> struct StoredAs<float> : std::type_identity<parquet::FloatType> {};
template <> struct StoredAs<double> : std::type_identity<parquet::DoubleType> {};
template <> struct StoredAs<uint8_t> : std::type_identity<parquet::BooleanType> {};
template <> struct StoredAs<std::string_view> : std::type_identity<parquet::ByteArrayType> {};

template <class T, class Stored>
void add(std::vector<T>& values, const Stored* from, int64_t n) {
  const size_t before = values.size();
  if constexpr (std::is_same_v<T, Stored>) {
    values.insert(values.end(), from, from + n);
  } else {
    values.resize(before + static_cast<size_t>(n));
    std::transform(from, from + n, values.begin() + static_cast<std::ptrdiff_t>(before),
                   [](Stored value) { return static_cast<T>(value); });
  }
}

void add(Texts& values, const parquet::ByteArray* from, int64_t n) {
  for (const auto* end = from + n; from < end; ++from) {
    values.push_back(std::string_view(reinterpret_cast<const char*>(from->ptr), from->len));
  }
}

/// Moves the values of a block to the rows that are known, and says in `known` which those are.
template <class Stored>
void spread(Stored* values, int64_t n, int64_t values_read, const std::vector<int16_t>& levels, size_t before,
            std::vector<uint8_t>& known) {
  if (values_read == n && known.empty()) return;
  known.resize(before, 1);
  for (int64_t i = n; i-- > 0;) values[i] = levels[static_cast<size_t>(i)] > 0 ? values[--values_read] : Stored{};
  known.insert(known.end(), levels.begin(), levels.begin() + n);
}

/// Adds a column of one row group to the rows that are there, block by block: a block stays in the processor's cache.
template <class Values, class T>
void append(parquet::ColumnReader& reader, Values& values, std::vector<uint8_t>& known) {
  using Stored = typename StoredAs<T>::type;
  constexpr int64_t block = 1 << 13;
  auto& typed = static_cast<parquet::TypedColumnReader<Stored>&>(reader);
  std::vector<int16_t> levels(reader.descr()->max_definition_level() > 0 ? block : 0);
  const auto room = std::make_unique<typename Stored::c_type[]>(block);
  while (reader.HasNext()) {
    int64_t values_read = 0;
    const int64_t n = typed.ReadBatch(block, levels.empty() ? nullptr : levels.data(), nullptr, room.get(), &values_read);
    if (!levels.empty()) spread(room.get(), n, values_read, levels, values.size(), known);
    else if (!known.empty()) known.resize(known.size() + static_cast<size_t>(n), 1);
    add(values, room.get(), n);
  }
}

void append(parquet::RowGroupReader& group, int at, Column& into, const Path& path) {
  const auto rows = static_cast<size_t>(group.metadata()->num_rows());
  const auto reader = group.Column(at);
  std::visit(
      [&](auto& values) {
        using Values = std::decay_t<decltype(values)>;
        const size_t before = values.size();
        if constexpr (std::is_same_v<Values, Texts>) append<Values, std::string_view>(*reader, values, into.known);
        else append<Values, typename Values::value_type>(*reader, values, into.known);
        if (values.size() != before + rows) {
          throw Error("{}: column '{}' has fewer rows than the others; the file is damaged", path.string(), into.name);
        }
      },
      into.values);
}

void reserve(Column& column, size_t rows, size_t bytes) {
  std::visit(
      [&](auto& values) {
        if constexpr (std::is_same_v<std::decay_t<decltype(values)>, Texts>) values.reserve(rows, bytes);
        else values.reserve(rows);
      },
      column.values);
}

void clear(Column& column) {
  std::visit(
      [](auto& values) {
        if constexpr (std::is_same_v<std::decay_t<decltype(values)>, Texts>) values.truncate(0);
        else values.clear();
      },
      column.values);
  column.known.clear();
}

}  // namespace

struct TableReader::Impl {
  Path path;
  std::unique_ptr<parquet::ParquetFileReader> file;
  std::vector<int> columns;
  int group = 0;

  /// Bytes of a column in all row groups: those of its texts and some more.
  size_t bytes(int at) const {
    int64_t sum = 0;
    for (int g = 0; g < file->metadata()->num_row_groups(); ++g) {
      sum += file->metadata()->RowGroup(g)->ColumnChunk(at)->total_uncompressed_size();
    }
    return static_cast<size_t>(std::clamp<int64_t>(sum, 0, 1 << 30));  // a damaged file may say anything
  }

  Table empty() const {
    Table table;
    for (const int at : columns) table.push_back(empty_column(*file->metadata()->schema()->Column(at), path));
    return table;
  }
};

TableReader::TableReader(const Path& path, std::vector<std::string> columns) : impl_(new Impl{path, nullptr, {}, 0}) {
  impl_->file = reading(path, [&] { return parquet::ParquetFileReader::OpenFile(path.string(), false); });
  const auto* schema = impl_->file->metadata()->schema();
  if (columns.empty()) {
    impl_->columns.resize(static_cast<size_t>(schema->num_columns()));
    std::iota(impl_->columns.begin(), impl_->columns.end(), 0);
  }
  for (const auto& name : columns) {
    const int at = schema->ColumnIndex(name);
    if (at < 0) throw Error("{}: no column '{}'", path.string(), name);
    impl_->columns.push_back(at);
  }
}

TableReader::~TableReader() = default;

int64_t TableReader::rows() const { return impl_->file->metadata()->num_rows(); }
int64_t TableReader::rows(int group) const { return impl_->file->metadata()->RowGroup(group)->num_rows(); }
int TableReader::groups() const { return impl_->file->metadata()->num_row_groups(); }

std::map<std::string, std::string> TableReader::metadata() const {
  std::map<std::string, std::string> out;
  const auto pairs = impl_->file->metadata()->key_value_metadata();
  for (int64_t i = 0; pairs && i < pairs->size(); ++i) out[pairs->key(i)] = pairs->value(i);
  return out;
}

void TableReader::read(int group, Table& table) const {
  if (table.empty()) table = impl_->empty();
  reading(impl_->path, [&] {
    const auto from = impl_->file->RowGroup(group);
    for (size_t i = 0; i < table.size(); ++i) {
      clear(table[i]);
      append(*from, impl_->columns[i], table[i], impl_->path);
    }
  });
}

std::optional<Table> TableReader::next() {
  if (impl_->group >= groups()) return std::nullopt;
  Table table;
  read(impl_->group++, table);
  return table;
}

Table TableReader::all() const {
  Table table = impl_->empty();
  parallel_for(std::ssize(table), [&](int64_t i) {
    Column& column = table[static_cast<size_t>(i)];
    const int at = impl_->columns[static_cast<size_t>(i)];
    reading(impl_->path, [&] {
      reserve(column, static_cast<size_t>(rows()), impl_->bytes(at));
      for (int g = 0; g < groups(); ++g) append(*impl_->file->RowGroup(g), at, column, impl_->path);
    });
  });
  return table;
}

Table read_table(const Path& path, std::vector<std::string> columns) {
  TableReader reader(path, std::move(columns));
  if (reader.groups() == 0) throw Error("{}: the table is empty", path.string());
  return reader.all();
}

}  // namespace segue
