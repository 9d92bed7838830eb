#include "core/table.h"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>

#include <numeric>

#include "core/error.h"
#include "core/parallel.h"

namespace segue {
namespace {

void check(const arrow::Status& status, const Path& path) {
  if (!status.ok()) throw Error("{}: {}", path.string(), status.message());
}

template <class T>
T take(arrow::Result<T> result, const Path& path) {
  check(result.status(), path);
  return std::move(result).ValueUnsafe();
}

template <class T>
struct ArrowOf;
template <> struct ArrowOf<int8_t> : std::type_identity<arrow::Int8Type> {};
template <> struct ArrowOf<int16_t> : std::type_identity<arrow::Int16Type> {};
template <> struct ArrowOf<int32_t> : std::type_identity<arrow::Int32Type> {};
template <> struct ArrowOf<int64_t> : std::type_identity<arrow::Int64Type> {};
template <> struct ArrowOf<float> : std::type_identity<arrow::FloatType> {};
template <> struct ArrowOf<double> : std::type_identity<arrow::DoubleType> {};

std::shared_ptr<arrow::Buffer> bits(const std::vector<uint8_t>& bytes) {
  auto buffer = arrow::AllocateEmptyBitmap(static_cast<int64_t>(bytes.size())).ValueOrDie();
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i]) arrow::bit_util::SetBit(buffer->mutable_data(), static_cast<int64_t>(i));
  }
  return buffer;
}

std::shared_ptr<arrow::Array> to_arrow(const Column& column) {
  const auto valid = column.known.empty() ? nullptr : bits(column.known);
  return std::visit(
      [&](const auto& values) -> std::shared_ptr<arrow::Array> {
        using V = std::decay_t<decltype(values)>;
        const auto n = static_cast<int64_t>(values.size());
        if constexpr (std::is_same_v<V, Texts>) {
          return std::make_shared<arrow::StringArray>(n, arrow::Buffer::Wrap(values.offsets()),
                                                      std::make_shared<arrow::Buffer>(std::string_view(values.bytes())), valid);
        } else if constexpr (std::is_same_v<V, Flags>) {
          return std::make_shared<arrow::BooleanArray>(n, bits(values), valid);
        } else {
          using Type = typename ArrowOf<typename V::value_type>::type;
          return std::make_shared<arrow::NumericArray<Type>>(n, arrow::Buffer::Wrap(values), valid);
        }
      },
      column.values);
}

template <class T>
std::vector<T> numbers_of(const arrow::Array& array) {
  const auto& typed = static_cast<const arrow::NumericArray<typename ArrowOf<T>::type>&>(array);
  return std::vector<T>(typed.raw_values(), typed.raw_values() + typed.length());
}

Column::Values from_arrow(const arrow::Array& array, const Path& path, const std::string& name) {
  switch (array.type_id()) {
    case arrow::Type::INT8: return numbers_of<int8_t>(array);
    case arrow::Type::INT16: return numbers_of<int16_t>(array);
    case arrow::Type::INT32: return numbers_of<int32_t>(array);
    case arrow::Type::INT64: return numbers_of<int64_t>(array);
    case arrow::Type::FLOAT: return numbers_of<float>(array);
    case arrow::Type::DOUBLE: return numbers_of<double>(array);
    case arrow::Type::BOOL: {
      const auto& typed = static_cast<const arrow::BooleanArray&>(array);
      Flags flags(static_cast<size_t>(typed.length()));
      for (int64_t i = 0; i < typed.length(); ++i) flags[static_cast<size_t>(i)] = typed.Value(i);
      return flags;
    }
    case arrow::Type::STRING: {
      const auto& typed = static_cast<const arrow::StringArray&>(array);
      const int32_t* const offsets = typed.raw_value_offsets();
      const auto* const bytes = reinterpret_cast<const char*>(typed.value_data()->data());
      return Texts(std::string(bytes + offsets[0], bytes + offsets[typed.length()]), offsets, offsets + typed.length() + 1);
    }
    default:
      throw Error("{}: column '{}' is of type {}, which Segue does not read", path.string(), name, array.type()->ToString());
  }
}

Column& column(Table& table, std::string_view name) {
  for (auto& column : table) {
    if (column.name == name) return column;
  }
  throw Error("no column '{}' in the table", name);
}

}  // namespace

void Texts::push_back(std::string_view text) {
  if (bytes_.size() + text.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    throw Error("more than 2 GiB of text in one table");
  }
  bytes_ += text;
  offsets_.push_back(static_cast<int32_t>(bytes_.size()));
}

size_t rows(const Table& table) {
  return table.empty() ? 0 : std::visit([](const auto& values) { return values.size(); }, table.front().values);
}

template <class T>
std::vector<T>& values(Table& table, std::string_view name) {
  auto& values = column(table, name).values;
  if constexpr (std::is_same_v<T, uint8_t>) {
    if (auto* typed = std::get_if<Flags>(&values)) return *typed;
  } else {
    if (auto* typed = std::get_if<std::vector<T>>(&values)) return *typed;
  }
  throw Error("column '{}' of the table has another type than Segue writes", name);
}
template std::vector<int8_t>& values(Table&, std::string_view);
template std::vector<int16_t>& values(Table&, std::string_view);
template std::vector<int32_t>& values(Table&, std::string_view);
template std::vector<int64_t>& values(Table&, std::string_view);
template std::vector<float>& values(Table&, std::string_view);
template std::vector<double>& values(Table&, std::string_view);
template std::vector<uint8_t>& values(Table&, std::string_view);

Texts& texts(Table& table, std::string_view name) {
  if (auto* typed = std::get_if<Texts>(&column(table, name).values)) return *typed;
  throw Error("column '{}' of the table is not text", name);
}

const std::vector<uint8_t>& known(Table& table, std::string_view name) { return column(table, name).known; }

struct TableWriter::Impl {
  Path path;
  std::map<std::string, std::string> metadata;
  std::shared_ptr<arrow::io::FileOutputStream> file;
  std::unique_ptr<parquet::arrow::FileWriter> writer;
  std::shared_ptr<arrow::Schema> schema;

  void open(const Table& table, const arrow::ArrayVector& arrays) {
    arrow::FieldVector fields;
    auto properties = parquet::WriterProperties::Builder();
    properties.compression(parquet::Compression::ZSTD);
    for (size_t i = 0; i < table.size(); ++i) {
      fields.push_back(arrow::field(table[i].name, arrays[i]->type()));
      // Times and row numbers grow by small steps, and most other numbers here are alike or have few bits; a dictionary
      // of a million tracks costs more time than it saves room.
      if (arrays[i]->type_id() == arrow::Type::INT64 || arrays[i]->type_id() == arrow::Type::INT32) {
        properties.disable_dictionary(table[i].name)->encoding(table[i].name, parquet::Encoding::DELTA_BINARY_PACKED);
        properties.compression(table[i].name, parquet::Compression::UNCOMPRESSED);  // it is packed to the bit already
      }
    }
    auto pairs = std::make_shared<arrow::KeyValueMetadata>();
    for (const auto& [key, value] : metadata) pairs->Append(key, value);
    schema = arrow::schema(fields, pairs);
    const auto arrow_properties =
        parquet::ArrowWriterProperties::Builder().store_schema()->set_use_threads(threads() > 1)->build();
    writer = take(parquet::arrow::FileWriter::Open(*schema, arrow::default_memory_pool(), file, properties.build(), arrow_properties), path);
  }
};

TableWriter::TableWriter(const Path& path, std::map<std::string, std::string> metadata)
    : impl_(new Impl{path, std::move(metadata), nullptr, nullptr, nullptr}) {
  impl_->file = take(arrow::io::FileOutputStream::Open(path.string()), path);
}

TableWriter::~TableWriter() = default;

void TableWriter::write(const Table& table) {
  arrow::ArrayVector arrays;
  for (const auto& column : table) arrays.push_back(to_arrow(column));
  if (!impl_->writer) impl_->open(table, arrays);
  if (arrays.size() != static_cast<size_t>(impl_->schema->num_fields())) {
    throw std::invalid_argument("TableWriter::write: the columns differ from those of the first call");
  }
  const auto batch = arrow::RecordBatch::Make(impl_->schema, static_cast<int64_t>(rows(table)), arrays);
  check(impl_->writer->NewBufferedRowGroup(), impl_->path);
  check(impl_->writer->WriteRecordBatch(*batch), impl_->path);
}

void TableWriter::note(const std::string& key, const std::string& value) {
  check(impl_->writer->AddKeyValueMetadata(arrow::key_value_metadata({key}, {value})), impl_->path);
}

void TableWriter::close() {
  if (!impl_->writer) throw std::invalid_argument("TableWriter::close: nothing was written, so the columns are unknown");
  check(impl_->writer->Close(), impl_->path);
  check(impl_->file->Close(), impl_->path);
}

struct TableReader::Impl {
  Path path;
  std::unique_ptr<parquet::arrow::FileReader> reader;
  std::vector<int> columns;
  int group = 0;
};

TableReader::TableReader(const Path& path, std::vector<std::string> columns) : impl_(new Impl{path, nullptr, {}, 0}) {
  auto file = take(arrow::io::ReadableFile::Open(path.string()), path);
  parquet::arrow::FileReaderBuilder builder;
  check(builder.Open(file), path);
  check(builder.Build(&impl_->reader), path);
  impl_->reader->set_use_threads(threads() > 1);
  const auto* schema = impl_->reader->parquet_reader()->metadata()->schema();
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

int64_t TableReader::rows() const { return impl_->reader->parquet_reader()->metadata()->num_rows(); }

std::map<std::string, std::string> TableReader::metadata() const {
  std::map<std::string, std::string> out;
  const auto pairs = impl_->reader->parquet_reader()->metadata()->key_value_metadata();
  for (int64_t i = 0; pairs && i < pairs->size(); ++i) out[pairs->key(i)] = pairs->value(i);
  return out;
}

std::optional<Table> TableReader::next() {
  if (impl_->group >= impl_->reader->num_row_groups()) return std::nullopt;
  const auto group = take(impl_->reader->ReadRowGroup(impl_->group++, impl_->columns), impl_->path);
  const auto flat = take(group->CombineChunks(), impl_->path);
  Table table;
  for (int i = 0; i < flat->num_columns(); ++i) {
    const auto& name = flat->field(i)->name();
    const auto array = flat->num_rows() > 0 ? flat->column(i)->chunk(0) : take(arrow::MakeEmptyArray(flat->field(i)->type()), impl_->path);
    Column column{name, from_arrow(*array, impl_->path, name), {}};
    if (array->null_count() > 0) {
      column.known.resize(static_cast<size_t>(array->length()));
      for (int64_t row = 0; row < array->length(); ++row) column.known[static_cast<size_t>(row)] = array->IsValid(row);
    }
    table.push_back(std::move(column));
  }
  return table;
}

void write_table(const Path& path, const Table& table, std::map<std::string, std::string> metadata) {
  TableWriter writer(path, std::move(metadata));
  writer.write(table);
  writer.close();
}

Table read_table(const Path& path, std::vector<std::string> columns) {
  TableReader reader(path, std::move(columns));
  auto table = reader.next();
  if (!table) throw Error("{}: the table is empty", path.string());
  while (auto more = reader.next()) {
    for (size_t i = 0; i < table->size(); ++i) {
      auto& into = (*table)[i];
      auto& from = (*more)[i];
      if (!into.known.empty() || !from.known.empty()) {
        into.known.resize(std::visit([](auto& v) { return v.size(); }, into.values), 1);
        if (from.known.empty()) from.known.assign(rows(*more), 1);
        into.known.insert(into.known.end(), from.known.begin(), from.known.end());
      }
      std::visit(
          [&](auto& values) {
            auto& tail = std::get<std::decay_t<decltype(values)>>(from.values);
            if constexpr (std::is_same_v<std::decay_t<decltype(values)>, Texts>) {
              values.append(tail);
            } else {
              values.insert(values.end(), tail.begin(), tail.end());
            }
          },
          into.values);
    }
  }
  return std::move(*table);
}

}  // namespace segue
