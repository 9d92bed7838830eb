#pragma once

#include <atomic>
#include <string_view>

#include "core/files.h"

namespace segue {

/// A folder that is written beside its place and appears there whole.
class StagedFolder {
 public:
  /// mark: a file that is in every folder of this kind; only such a folder may be overwritten.
  /// Throws Error if `into` holds something else, or anything and `overwrite` is not set.
  StagedFolder(const Path& into, std::string_view mark, bool overwrite);
  ~StagedFolder();  // what was not committed is thrown away
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;

  /// Where it is written until commit().
  const Path& folder() const { return aside_; }
  /// One file; its folders are made. From any thread. Throws Error.
  void write(const Path& name, std::string_view bytes);
  void commit();

  /// Of write().
  int64_t files() const { return files_; }
  int64_t bytes() const { return bytes_; }

 private:
  Path into_, aside_;
  std::atomic<int64_t> files_ = 0, bytes_ = 0;
};

}  // namespace segue
