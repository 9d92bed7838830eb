#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.h"
#include "core/mapped_file.h"

namespace segue {

/// Kinds of numbers that a safetensors file may hold, of those that Segue reads.
enum class Kind { f32, f64, f16, bf16, i64, i32, i16, i8, u8, boolean };
size_t bytes_of(Kind kind);

/// One array: row by row, its bytes in somebody else's memory.
struct Array {
  Kind kind = Kind::f32;
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;

  int64_t size() const;  // numbers
};

/// Arrays by name in one file (the safetensors format), mapped into memory: what is not looked at is not read.
class Safetensors {
 public:
  /// Throws Error: no such file, not safetensors, cut short, an array that lies outside the file or over another, or has a
  /// shape that does not fit its bytes.
  explicit Safetensors(const Path& path);
  ~Safetensors();
  Safetensors(const Safetensors&) = delete;
  Safetensors& operator=(const Safetensors&) = delete;

  std::vector<std::string> names() const;
  bool has(std::string_view name) const { return arrays_.find(name) != arrays_.end(); }
  /// Throws Error if there is no such array.
  const Array& at(std::string_view name) const;
  /// Reads an array from the file into memory, past the mapping, and lets the system's cache of it go. Throws Error where the
  /// disk fails or the file is not what it was.
  void read(std::string_view name, std::span<std::byte> into) const;
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  const Path& path() const { return path_; }

 private:
  void read_header(std::string_view header, size_t data_begin);
  void refuse_overlaps() const;

  Path path_;
  int file_ = -1;
  std::unique_ptr<MappedFile> map_;
  std::map<std::string, Array, std::less<>> arrays_;
  std::map<std::string, std::string> metadata_;
};

/// Writes all arrays aside, syncs and renames: the file is whole or as it was. Throws Error if the disk is full.
void write_safetensors(const Path& path, const std::map<std::string, Array, std::less<>>& arrays,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace segue
