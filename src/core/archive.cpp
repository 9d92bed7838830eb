#include "core/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "core/error.h"

namespace segue {
namespace {

constexpr size_t block_bytes = 1 << 18;   // what libarchive asks of the disk at once
constexpr size_t head_bytes = 1 << 16;    // of each file, kept while a packed tar is listed
constexpr size_t heads_kept = 64;
constexpr size_t most_files = 1'000'000;  // a few kilobytes of gzip can name billions

/// Names inside archives are UTF-8 or bytes; libarchive converts them to the locale of the thread, which may be "C".
class Utf8Names {
 public:
  Utf8Names() : before_(utf8() != nullptr ? uselocale(utf8()) : nullptr) {}
  ~Utf8Names() { if (before_ != nullptr) uselocale(before_); }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;

 private:
  static locale_t utf8() {
    static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
  }
  locale_t before_;
};

/// Why libarchive gave up, in the words of the person who has the file.
std::string reason(archive* handle) {
  const char* text = archive_error_string(handle);
  std::string all = text != nullptr ? text : "the data make no sense";
  while (all.ends_with('\n')) all.pop_back();  // some of its messages do
  return all;
}

/// A place in an archive: walks from file to file, and through the bytes of each.
class Cursor {
 public:
  explicit Cursor(const Path& path) : path_(path), handle_(archive_read_new(), archive_read_free) {
    if (!handle_) throw std::bad_alloc();
    archive_read_support_filter_gzip(handle_.get());
    archive_read_support_filter_bzip2(handle_.get());
    archive_read_support_filter_xz(handle_.get());
    archive_read_support_filter_zstd(handle_.get());
    archive_read_support_format_tar(handle_.get());
    // Not the streaming reader: it would take a zip that was cut off, and believe the sizes it finds on the way.
    archive_read_support_format_zip_seekable(handle_.get());
    archive_read_support_format_raw(handle_.get());
    const Utf8Names names;
    if (archive_read_open_filename(handle_.get(), path.c_str(), block_bytes) != ARCHIVE_OK) damaged();
  }

  /// Goes to the next regular file; false at the end.
  bool next_file() {
    const Utf8Names names;
    archive_entry* entry = nullptr;
    for (;;) {
      const int result = archive_read_next_header(handle_.get(), &entry);
      if (result == ARCHIVE_EOF) return false;
      if (result < ARCHIVE_WARN) damaged();
        if (archive_entry_filetype(entry) == AE_IFREG) break;
    }
    ++number_;
    if (packed_still()) throw Error("{}: an archive that breaks off or is damaged; get the file again", path_.string());
    note(entry);
    return true;
  }

  /// The next bytes of the file; empty at its end.
  std::span<const char> next_block() {
    const void* block = nullptr;
    size_t size = 0;
    la_int64_t place = 0;
    do {
      const int result = archive_read_data_block(handle_.get(), &block, &size, &place);
      if (result == ARCHIVE_EOF) {
        if (!said_ || given_ >= *said_) return {};
        throw Error("{}: '{}' ends after {} of {} bytes; get the file again", path_.string(), name_, given_, *said_);
      }
      if (result != ARCHIVE_OK) damaged();
      check(place, size);
    } while (size == 0);
    return {static_cast<const char*>(block), size};
  }

  const std::string& name() const { return name_; }
  int64_t number() const { return number_; }  // of the regular file, from 0
  bool bare() const { return (archive_format(handle_.get()) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_RAW; }
  /// libarchive found no way to unpack it, and would hand over the bytes as they are.
  bool packed_still() const { return bare() && archive_filter_code(handle_.get(), 0) == ARCHIVE_FILTER_NONE; }
  bool zip() const { return (archive_format(handle_.get()) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP; }

 private:
  [[noreturn]] void damaged() const {
    throw Error("{}: can't be unpacked: {}; is it whole? Get the file again", path_.string(), reason(handle_.get()));
  }

  void note(archive_entry* entry) {
    const char* name = archive_entry_pathname_utf8(entry);
    if (name == nullptr) name = archive_entry_pathname(entry);
    name_ = name != nullptr ? name : fmt::format("file {}", number_ + 1);
    while (name_.starts_with("./")) name_.erase(0, 2);
    given_ = 0;
    said_ = archive_entry_size_is_set(entry) != 0 ? std::optional(archive_entry_size(entry)) : std::nullopt;
    if (archive_entry_is_encrypted(entry) > 0) {
      throw Error("{}: '{}' is encrypted; unpack it with its password and give the folder", path_.string(), name_);
    }
    if (zip()) check_method();
  }

  /// Exports are stored or deflated. Other methods may ask for gigabytes of memory before the first byte comes.
  void check_method() const {
    const std::string_view format = archive_format_name(handle_.get());
    if (format.find("deflation") != std::string_view::npos || format.find("uncompressed") != std::string_view::npos) return;
    throw Error("{}: '{}' is packed in a way that is not read ({}); unpack it and give the folder", path_.string(), name_,
                format);
  }

  void check(la_int64_t place, size_t size) {
    if (place != given_) throw Error("{}: '{}' has holes in it; unpack it and give the folder", path_.string(), name_);
    given_ += static_cast<int64_t>(size);
    if (said_ && given_ > *said_) {
      throw Error("{}: '{}' unpacks to more than the {} bytes it says; the archive is damaged or not to be trusted",
                  path_.string(), name_, *said_);
    }
  }

  Path path_;
  std::unique_ptr<archive, int (*)(archive*)> handle_;
  std::string name_;
  std::optional<int64_t> said_;
  int64_t given_ = 0, number_ = -1;
};

/// Reading goes forward: the cursor that one file's stream leaves behind serves the next one.
struct Parked {
  std::mutex guard;
  std::unique_ptr<Cursor> cursor;

  std::unique_ptr<Cursor> take_before(int64_t number) {
    const std::lock_guard<std::mutex> hold(guard);
    return cursor && cursor->number() < number ? std::move(cursor) : nullptr;
  }
  void leave(std::unique_ptr<Cursor> left) {
    const std::lock_guard<std::mutex> hold(guard);
    cursor = std::move(left);  // the last one: a second reading begins again at the first file
  }
};

class MemberStream : public ByteStream {
 public:
  MemberStream(Path path, int64_t number, std::optional<std::string_view> head, std::shared_ptr<Parked> parked)
      : path_(std::move(path)), number_(number), head_(head), parked_(std::move(parked)) {}
  ~MemberStream() override { if (cursor_ && whole_) parked_->leave(std::move(cursor_)); }

  std::span<const char> next() override {
    if (head_ && head_place_ < head_->size()) {
      head_place_ = head_->size();
      return *head_;
    }
    if (head_ && head_->size() < head_bytes) return {};  // the head was all of it
    if (!cursor_) go_to();
    whole_ = false;  // a cursor that threw is of no further use
    const auto block = cursor_->next_block();
    whole_ = true;
    if (to_skip_ == 0) return block;
    const size_t skipped = std::min(to_skip_, block.size());
    to_skip_ -= skipped;
    return skipped == block.size() && !block.empty() ? next() : block.subspan(skipped);
  }

 private:
  void go_to() {
    cursor_ = parked_->take_before(number_);
    if (!cursor_) cursor_ = std::make_unique<Cursor>(path_);
    while (cursor_->number() < number_) {
      if (!cursor_->next_file()) throw Error("{}: has changed while it was read", path_.string());
    }
    to_skip_ = head_place_;
  }

  Path path_;
  int64_t number_;
  std::optional<std::string_view> head_;  // known already: a look at the start of a file need not unpack those before it
  size_t head_place_ = 0, to_skip_ = 0;
  std::shared_ptr<Parked> parked_;
  std::unique_ptr<Cursor> cursor_;
  bool whole_ = true;
};

class ArchiveSource : public Source {
 public:
  explicit ArchiveSource(const Path& path) : Source(path) {
    auto cursor = std::make_unique<Cursor>(path);
    while (cursor->next_file()) {
      if (cursor->bare()) {  // its bytes are not read here: there may be many
        add(own_name());
        return;
      }
      if (files_.size() == most_files) throw Error("{}: holds more than {} files", path.string(), most_files);
      add(cursor->name());
      if (!cursor->zip() && heads_.size() < heads_kept) heads_.push_back(head_of(*cursor));
    }
    if (files_.empty()) throw Error("{}: an archive without a file in it", path.string());
  }

  const std::vector<std::string>& files() const override { return files_; }

  std::unique_ptr<ByteStream> read(const std::string& file) const override {
    const auto found = places_.find(file);
    if (found == places_.end()) throw std::invalid_argument("Source::read: no file '" + file + "'");
    const auto place = found->second;
    const auto head = place < heads_.size() ? std::optional<std::string_view>(heads_[place]) : std::nullopt;
    return std::make_unique<MemberStream>(path(), static_cast<int64_t>(place), head, parked_);
  }

 private:
  void add(const std::string& name) {
    if (!places_.emplace(name, files_.size()).second) {
      throw Error("{}: holds two files named '{}'; unpack it and give the one you want", path().string(), name);
    }
    files_.push_back(name);
  }

  std::string own_name() const {
    std::string name = path().filename().string();
    for (const std::string_view ending : {".gz", ".bz2", ".xz", ".zst"}) {
      if (name.size() > ending.size() && name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
    }
    return name;
  }

  static std::string head_of(Cursor& cursor) {
    std::string head;
    while (head.size() < head_bytes) {
      const auto block = cursor.next_block();
      if (block.empty()) break;
      head.append(block.data(), std::min(block.size(), head_bytes - head.size()));
    }
    return head;
  }

  std::vector<std::string> files_;
  std::unordered_map<std::string, size_t> places_;
  std::vector<std::string> heads_;  // of the first files, where coming back to them means unpacking again
  std::shared_ptr<Parked> parked_ = std::make_shared<Parked>();
};

bool is_tar(std::string_view head) {
  if (head.size() < 512) return false;
  if (head.substr(257, 5) == "ustar") return true;
  // Tar of old has no mark, only a sum of its bytes in which the sum itself counts as blanks.
  int64_t sum = 8 * ' ', said = 0;
  for (size_t i = 0; i < 512; ++i) sum += i >= 148 && i < 156 ? 0 : static_cast<unsigned char>(head[i]);
  bool digits = false;
  for (const char c : head.substr(148, 8)) {
    if (c >= '0' && c <= '7') digits = true, said = said * 8 + (c - '0');
    else if (c != ' ' && c != '\0') return false;
  }
  return digits && said == sum;
}

}  // namespace

bool looks_packed(std::string_view head) {
  using namespace std::string_view_literals;
  for (const auto mark : {"PK\x03\x04"sv, "PK\x05\x06"sv, "\x1f\x8b"sv, "\xfd""7zXZ"sv, "\x28\xb5\x2f\xfd"sv}) {
    if (head.starts_with(mark)) return true;
  }
  const bool bzip2 = head.starts_with("BZh") && head.substr(0, 10).ends_with("\x31\x41\x59\x26\x53\x59");
  return bzip2 || is_tar(head);
}

std::unique_ptr<Source> open_archive(const Path& path) { return std::make_unique<ArchiveSource>(path); }

std::unique_ptr<ByteStream> unpack(const Path& path) {
  return std::make_unique<MemberStream>(path, 0, std::nullopt, std::make_shared<Parked>());
}

}  // namespace segue
