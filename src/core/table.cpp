#include "core/table.h"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/writer.h>

#include <limits>

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

std::shared_ptr<arrow::Array> to_arrow(const ColumnView& column) {
  const auto valid = column.known == nullptr ? nullptr : bits(*column.known);
  return std::visit(
      [&](const auto* where) -> std::shared_ptr<arrow::Array> {
        const auto& values = *where;
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

Column& column(Table& table, std::string_view name) {
  for (auto& column : table) {
    if (column.name == name) return column;
  }
  throw Error("no column '{}' in the table", name);
}

}  // namespace

bool Texts::has_room(size_t bytes) const {
  return bytes_.size() + bytes <= static_cast<size_t>(std::numeric_limits<int32_t>::max());
}

void Texts::push_back(std::string_view text) {
  if (!has_room(text.size())) throw Error("more than 2 GiB of text in one table");
  // Room that is never touched costs nothing, but every move to a larger one costs as much as filling it.
  constexpr size_t long_text = 1 << 20;
  if (bytes_.size() + text.size() > bytes_.capacity() && bytes_.size() > long_text) bytes_.reserve(4 * bytes_.size());
  bytes_ += text;
  offsets_.push_back(static_cast<int32_t>(bytes_.size()));
}

ColumnView::ColumnView(const Column& column)
    : name(column.name), values(std::visit([](const auto& of) -> Values { return &of; }, column.values)),
      known(column.known.empty() ? nullptr : &column.known) {}

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

  void open(const std::vector<ColumnView>& table, const arrow::ArrayVector& arrays) {
    arrow::FieldVector fields;
    auto properties = parquet::WriterProperties::Builder();
    properties.compression(parquet::Compression::ZSTD)->disable_statistics();  // nobody asks for a range of values
    for (size_t i = 0; i < table.size(); ++i) {
      // A column that may hold nothing costs a level per row, even where every value is known.
      fields.push_back(arrow::field(table[i].name, arrays[i]->type(), table[i].known != nullptr));
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
    writer = take(parquet::arrow::FileWriter::Open(*schema, arrow::default_memory_pool(), file, properties.build(),
                                                   arrow_properties),
                  path);
  }
};

TableWriter::TableWriter(const Path& path, std::map<std::string, std::string> metadata)
    : impl_(new Impl{path, std::move(metadata), nullptr, nullptr, nullptr}) {
  impl_->file = take(arrow::io::FileOutputStream::Open(path.string()), path);
}

TableWriter::~TableWriter() = default;

void TableWriter::write(const Table& table) { write(std::vector<ColumnView>(table.begin(), table.end())); }

void TableWriter::write(const std::vector<ColumnView>& table) {
  arrow::ArrayVector arrays;
  for (const auto& column : table) arrays.push_back(to_arrow(column));
  if (!impl_->writer) impl_->open(table, arrays);
  if (arrays.size() != static_cast<size_t>(impl_->schema->num_fields())) {
    throw std::invalid_argument("TableWriter::write: the columns differ from those of the first call");
  }
  for (size_t i = 0; i < table.size(); ++i) {
    if (impl_->schema->field(static_cast<int>(i))->nullable() || table[i].known == nullptr) continue;
    throw std::invalid_argument("TableWriter::write: not all of '" + table[i].name + "' is known, as it was in the first call");
  }
  const auto batch = arrow::RecordBatch::Make(impl_->schema, arrays.empty() ? 0 : arrays.front()->length(), arrays);
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

void write_columns(const Path& path, const std::vector<ColumnView>& columns) {
  TableWriter writer(path);
  writer.write(columns);
  writer.close();
}

void write_table(const Path& path, const Table& table, std::map<std::string, std::string> metadata) {
  TableWriter writer(path, std::move(metadata));
  writer.write(table);
  writer.close();
}

}  // namespace segue
