#pragma once

#include <cstddef>
#include <cstdint>

#include "core/files.h"

namespace segue {

/// A regular file that stays readable after somebody removed it. Its functions are called from C and throw nothing.
class SoundFile {
 public:
  /// Throws Error: not there, a folder, a pipe or a device, empty, or may not be read.
  explicit SoundFile(const Path& path);
  ~SoundFile();
  SoundFile(const SoundFile&) = delete;
  SoundFile& operator=(const SoundFile&) = delete;

  const Path& path() const { return path_; }
  int descriptor() const { return descriptor_; }
  /// In bytes, now.
  int64_t size() const;
  /// How many bytes it read; 0 at the end; less than 0, and error() is set, where the disk fails.
  int64_t read(void* into, size_t bytes, int64_t at);
  /// The errno of a read that failed, 0 if none did.
  int error() const { return error_; }
  /// Throws Error if a read failed.
  void check() const;

 private:
  Path path_;
  int descriptor_ = -1, error_ = 0;
};

}  // namespace segue
