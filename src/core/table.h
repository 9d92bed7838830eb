#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "core/files.h"

namespace segue {

/// Many texts in one buffer; text i is bytes[ends[i - 1], ends[i]).
class Texts {
 public:
  size_t size() const { return offsets_.size() - 1; }
  std::string_view operator[](size_t i) const {
    return std::string_view(bytes_).substr(static_cast<size_t>(offsets_[i]), static_cast<size_t>(offsets_[i + 1] - offsets_[i]));
  }
  /// Throws Error past 2 GiB of text in one table.
  void push_back(std::string_view text);
  /// True if push_back() takes so many bytes more.
  bool has_room(size_t bytes) const;
  void reserve(size_t texts, size_t bytes) {
    offsets_.reserve(texts + 1);
    bytes_.reserve(bytes);
  }
  /// Adds empty texts until there are n.
  void pad(size_t n) { offsets_.resize(std::max(n + 1, offsets_.size()), offsets_.back()); }
  /// Keeps the first n texts.
  void truncate(size_t n) {
    offsets_.resize(n + 1);
    bytes_.resize(static_cast<size_t>(offsets_.back()));
  }
  const std::string& bytes() const { return bytes_; }
  const std::vector<int32_t>& offsets() const { return offsets_; }  // size() + 1

 private:
  std::string bytes_;
  std::vector<int32_t> offsets_{0};
};

struct Flags : std::vector<uint8_t> {  // a column of booleans
  using std::vector<uint8_t>::vector;
};

/// One column of a table. `known` is empty where every value is known, else 1 where it is.
struct Column {
  using Values = std::variant<std::vector<int8_t>, std::vector<int16_t>, std::vector<int32_t>, std::vector<int64_t>,
                              std::vector<float>, std::vector<double>, Flags, Texts>;
  std::string name;
  Values values;
  std::vector<uint8_t> known = {};
};

using Table = std::vector<Column>;

/// A column whose values stand elsewhere, for writing.
struct ColumnView {
  template <class V>
  struct PointersTo;
  template <class... T>
  struct PointersTo<std::variant<T...>> : std::type_identity<std::variant<const T*...>> {};
  using Values = PointersTo<Column::Values>::type;

  ColumnView(std::string name, Values values, const std::vector<uint8_t>* known = nullptr)
      : name(std::move(name)), values(values), known(known) {}
  explicit ColumnView(const Column& column);

  std::string name;
  Values values;
  const std::vector<uint8_t>* known;  // null where every value is known
};

/// Number of rows; 0 for a table without columns.
size_t rows(const Table& table);

/// The values of a column by name. Throws Error if the table lacks it or holds another type there.
template <class T>
std::vector<T>& values(Table& table, std::string_view name);
Texts& texts(Table& table, std::string_view name);
const std::vector<uint8_t>& known(Table& table, std::string_view name);

/// Writes a Parquet file (zstd), one row group per call of write(). The file is not whole before close().
class TableWriter {
 public:
  /// metadata: kept in the file's schema, key by key.
  TableWriter(const Path& path, std::map<std::string, std::string> metadata = {});
  ~TableWriter();
  /// Throws Error if the disk is full, std::invalid_argument if the columns differ from the first call's.
  void write(const Table& table);
  void write(const std::vector<ColumnView>& table);
  /// Adds to the metadata; after the first write().
  void note(const std::string& key, const std::string& value);
  void close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads a Parquet file part by part.
class TableReader {
 public:
  /// columns: which to read, in this order; empty for all. Throws Error: no such file, not Parquet, no such column.
  explicit TableReader(const Path& path, std::vector<std::string> columns = {});
  ~TableReader();
  int64_t rows() const;
  int groups() const;
  int64_t rows(int group) const;
  std::map<std::string, std::string> metadata() const;
  /// A row group, in the room of `table` where it held another one: fresh memory costs more than reading. Several
  /// threads may read at once.
  void read(int group, Table& table) const;
  /// The next row group, or nothing.
  std::optional<Table> next();
  /// All row groups in one, columns in parallel.
  Table all() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A whole long table, without a copy of it.
void write_columns(const Path& path, const std::vector<ColumnView>& columns);

/// A whole small table.
void write_table(const Path& path, const Table& table, std::map<std::string, std::string> metadata = {});
Table read_table(const Path& path, std::vector<std::string> columns = {});

}  // namespace segue
