#include "core/source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/archive.h"
#include "core/error.h"

namespace segue {
namespace {

namespace fs = std::filesystem;

constexpr size_t block_bytes = 1 << 18;  // stays in the processor's cache until it is read

class FileStream : public ByteStream {
 public:
  explicit FileStream(const Path& path) : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (file_ < 0) throw Error("{}: can't be read: {}", path.string(), std::strerror(errno));
    ::posix_fadvise(file_, 0, 0, POSIX_FADV_SEQUENTIAL);
  }
  ~FileStream() override { ::close(file_); }
  FileStream(const FileStream&) = delete;
  FileStream& operator=(const FileStream&) = delete;

  bool is_gzip() const {
    char start[2] = {};
    return ::pread(file_, start, 2, 0) == 2 && std::string_view(start, 2) == "\x1f\x8b";
  }

  std::span<const char> next() override {
    if (!block_) block_ = std::make_unique_for_overwrite<char[]>(block_bytes);
    for (;;) {
      const ssize_t got = ::read(file_, block_.get(), block_bytes);
      if (got >= 0) return {block_.get(), static_cast<size_t>(got)};
      if (errno != EINTR) throw Error("{}: can't be read: {}", path_.string(), std::strerror(errno));
    }
  }

 private:
  Path path_;
  int file_;
  std::unique_ptr<char[]> block_;
};

/// Fills `head` with the first bytes; what came before an error stays there.
void read_start(ByteStream& stream, size_t bytes, std::string& head) {
  while (head.size() < bytes) {
    const auto block = stream.next();
    if (block.empty()) return;
    head.append(block.data(), std::min(block.size(), bytes - head.size()));
  }
}

class FileSource : public Source {
 public:
  explicit FileSource(const Path& path) : Source(path), files_{path.filename().string()} {}

  const std::vector<std::string>& files() const override { return files_; }
  std::unique_ptr<ByteStream> read(const std::string& file) const override {
    if (file != files_.front()) throw std::invalid_argument("Source::read: no file '" + file + "'");
    return std::make_unique<FileStream>(path());
  }

 private:
  std::vector<std::string> files_;
};

class FolderSource : public Source {
 public:
  explicit FolderSource(const Path& path) : Source(path) {
    try {
      for (const auto& entry : fs::recursive_directory_iterator(path)) {
        if (entry.is_regular_file()) files_.push_back(entry.path().lexically_relative(path).generic_string());
      }
    } catch (const fs::filesystem_error& error) {
      throw Error("{}: can't be read: {}", error.path1().string(), error.code().message());
    }
    if (files_.empty()) throw Error("{}: a folder without a file in it", path.string());
    std::sort(files_.begin(), files_.end());
  }

  const std::vector<std::string>& files() const override { return files_; }
  std::unique_ptr<ByteStream> read(const std::string& file) const override {
    if (!std::binary_search(files_.begin(), files_.end(), file)) {
      throw std::invalid_argument("Source::read: no file '" + file + "'");
    }
    auto stream = std::make_unique<FileStream>(path() / file);
    if (!stream->is_gzip()) return stream;
    return unpack(path() / file);
  }

 private:
  std::vector<std::string> files_;
};

}  // namespace

std::unique_ptr<Source> Source::open(const Path& path) {
  std::error_code failed;
  const auto status = fs::status(path, failed);
  if (!fs::exists(status)) {
    const bool missing = status.type() == fs::file_type::not_found;
    throw Error("{}: {}; is the path right?", path.string(), missing ? "no such file or folder" : failed.message());
  }
  if (fs::is_directory(status)) return std::make_unique<FolderSource>(path);
  if (!fs::is_regular_file(status)) {
    throw Error("{}: neither a file nor a folder; save what comes out of it, and give that file", path.string());
  }
  FileStream stream(path);
  const auto head = stream.next();
  if (head.empty()) throw Error("{}: an empty file", path.string());
  if (looks_packed({head.data(), head.size()})) return open_archive(path);
  return std::make_unique<FileSource>(path);
}

std::string Source::head(const std::string& file, size_t bytes) const {
  std::string head;
  try {
    read_start(*read(file), bytes, head);
  } catch (const Error&) {
    // Whoever reads the file in earnest will say what is wrong with it; its start may tell what it was to be.
  }
  return head;
}

std::string Source::place_of(const std::string& file) const {
  return files().size() == 1 ? path_.string() : fmt::format("{}: {}", path_.string(), file);
}

LineReader::LineReader(ByteStream& stream, size_t longest) : stream_(stream), longest_(longest) {}

bool LineReader::next(std::string_view& line) {
  pending_.clear();
  cut_ = false;
  for (;;) {
    if (block_.empty() && !over_) {
      block_ = stream_.next();
      over_ = block_.empty();
    }
    if (over_) {
      line = pending_;
      return !pending_.empty();
    }
    const auto* end = static_cast<const char*>(std::memchr(block_.data(), '\n', block_.size()));
    const size_t size = end != nullptr ? static_cast<size_t>(end - block_.data()) : block_.size();
    const std::string_view piece(block_.data(), size);
    block_ = block_.subspan(end != nullptr ? size + 1 : size);
    if (end != nullptr && pending_.empty() && !cut_ && size <= longest_) {  // a whole line within a block: no copy
      line = piece;
      if (line.ends_with('\r')) line.remove_suffix(1);
      return true;
    }
    const size_t room = longest_ - pending_.size();
    cut_ = cut_ || size > room;
    pending_.append(piece.substr(0, room));
    if (end == nullptr) continue;
    if (!cut_ && pending_.ends_with('\r')) pending_.pop_back();
    line = pending_;
    return true;
  }
}

}  // namespace segue
