#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/files.h"

namespace segue {

/// A file as a stream of blocks. Throws Error where the bytes can't be had: truncated, damaged, unpacking to more than
/// was said, unreadable.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// The next bytes, valid until the next call; empty at the end.
  virtual std::span<const char> next() = 0;
};

/// What a person hands over: a file (plain or gzip), a zip, a tar (plain, gzip, …) or a folder; its files by name.
class Source {
 public:
  /// Throws Error if there is nothing readable at `path`.
  static std::unique_ptr<Source> open(const Path& path);
  virtual ~Source() = default;

  const Path& path() const { return path_; }
  /// Names of the regular files inside, with `/` between folders: in the order of the archive; sorted for a folder;
  /// the file's own name (without .gz) for a single file.
  virtual const std::vector<std::string>& files() const = 0;
  virtual std::unique_ptr<ByteStream> read(const std::string& file) const = 0;

  /// Up to `bytes` from the start of a file; fewer where it is shorter or breaks off.
  std::string head(const std::string& file, size_t bytes = 1 << 16) const;
  /// Where a file lies, for a message: the path, and the file where there are others.
  std::string place_of(const std::string& file) const;

 protected:
  explicit Source(Path path) : path_(std::move(path)) {}

 private:
  Path path_;
};

/// Lines of a stream, without LF and a CR before it; an empty last line is none.
class LineReader {
 public:
  /// longest: a longer line is given in its first `longest` bytes, and `cut()` says so.
  explicit LineReader(ByteStream& stream, size_t longest = 1 << 24);
  /// False at the end.
  bool next(std::string_view& line);
  bool cut() const { return cut_; }

 private:
  ByteStream& stream_;
  std::span<const char> block_;
  std::string pending_;
  size_t longest_;
  bool cut_ = false, over_ = false;
};

}  // namespace segue
