#pragma once

#include <cstddef>

#include "core/files.h"

namespace segue {

/// A file mapped into memory to be read. Where it is cut short or its disk goes away in the meantime, a signal is all that
/// tells: the program then ends with one line that names the file, and exit code 1.
class MappedFile {
 public:
  /// Of an open file, which may be closed afterwards. Throws Error where it can't be mapped.
  MappedFile(const Path& path, int file, size_t size);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const std::byte* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  const std::byte* data_;
  size_t size_;
};

}  // namespace segue
