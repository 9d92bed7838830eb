#include "signals/signal_records.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <random>

#include "core/console.h"
#include "core/error.h"

namespace segue {
namespace {

namespace fs = std::filesystem;

/// Before the bytes of a record.
struct Head {
  uint32_t bytes = 0;
  uint32_t check = 0;  // XXH32 of these bytes
};

struct Row {
  int32_t track = 0;
  uint8_t known = 0;
  uint8_t zero[3] = {};
  int64_t content = 0;
};  // a vector of float or the words of a problem follow

constexpr auto sync_every = std::chrono::seconds(5);
constexpr uint32_t longest = 1 << 24;

/// The first line of a file of records.
std::string opening(const SignalAbout& about) { return fmt::format("segue records {}\n", about.space_id()); }

std::string record_of(const Row& row, std::string_view body) {
  std::string bytes(sizeof(Head) + sizeof(Row) + body.size(), '\0');
  std::memcpy(bytes.data() + sizeof(Head), &row, sizeof row);
  std::copy(body.begin(), body.end(), bytes.begin() + sizeof(Head) + sizeof(Row));
  const Head head{static_cast<uint32_t>(bytes.size() - sizeof(Head)), XXH32(bytes.data() + sizeof(Head), bytes.size() - sizeof(Head), 0)};
  std::memcpy(bytes.data(), &head, sizeof head);
  return bytes;
}

/// False where the disk takes no more.
bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

RecordWriter::RecordWriter(const Path& folder, const SignalAbout& about) : width_(about.width), synced_(std::chrono::steady_clock::now()) {
  std::random_device device;
  struct stat is {};
  while (is.st_nlink == 0) {  // another process may have taken the file for one that was left behind, before it was locked
    if (file_ >= 0) ::close(file_);
    path_ = folder / fmt::format("{:08x}{:08x}.records", device(), device());
    file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file_ < 0 || ::flock(file_, LOCK_EX) != 0 || ::fstat(file_, &is) != 0) {
      throw Error("{}: can't be written: {}", path_.string(), std::strerror(errno));
    }
  }
  const std::string line = opening(about);
  if (!write_all(file_, line)) throw Error("{}: can't be written: {}", path_.string(), std::strerror(errno));
  end_ = static_cast<int64_t>(line.size());
}

RecordWriter::~RecordWriter() {
  if (file_ < 0) return;
  ::fsync(file_);
  ::close(file_);
}

void RecordWriter::add(int32_t track, Known known, int64_t content, std::span<const float> vector, const std::string& problem) {
  if (static_cast<int64_t>(vector.size()) != (known == Known::vector ? width_ : 0)) throw std::invalid_argument("RecordWriter: a vector of another width");
  const Row row{track, static_cast<uint8_t>(known), {}, content};
  const std::string_view numbers(reinterpret_cast<const char*>(vector.data()), vector.size_bytes());
  const std::string bytes = record_of(row, known == Known::vector ? numbers : std::string_view(problem));
  const std::lock_guard lock(mutex_);
  if (!write_all(file_, bytes)) {
    const int why = errno;
    if (::ftruncate(file_, end_) == 0) ::lseek(file_, end_, SEEK_SET);  // the next record follows the last whole one
    throw Error("{}: can't be written: {}", path_.string(), std::strerror(why));
  }
  end_ += static_cast<int64_t>(bytes.size());
  if (const auto now = std::chrono::steady_clock::now(); now - synced_ > sync_every) {
    ::fdatasync(file_);
    synced_ = now;
  }
}

bool RecordFiles::read_new(SignalRows& into) {
  if (!fs::is_directory(folder_)) return false;
  std::vector<Path> files;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    if (entry.path().extension() == ".records") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  bool any = false;
  for (const auto& file : files) any = read_new(file, read_to_[file], into) || any;
  return any;
}

bool RecordFiles::read_new(const Path& file, int64_t& from, SignalRows& into) const {
  std::ifstream in(file, std::ios::binary);
  if (!in) return false;  // put into vectors.safetensors by another process in the meantime
  if (from == 0) {
    const std::string wanted = opening(about_);
    std::string line(wanted.size(), '\0');
    if (!in.read(line.data(), static_cast<std::streamsize>(line.size()))) return false;
    if (line != wanted) throw Error("{}: records of another space than signal.json says: '{}'", file.string(), printable(line));
    from = static_cast<int64_t>(wanted.size());
  }
  in.seekg(from);
  std::string bytes;
  bool any = false;
  for (Head head; in.read(reinterpret_cast<char*>(&head), sizeof head) && head.bytes >= sizeof(Row) && head.bytes < longest;) {
    bytes.resize(head.bytes);
    if (!in.read(bytes.data(), head.bytes) || XXH32(bytes.data(), bytes.size(), 0) != head.check) return any;
    Row row;
    std::memcpy(&row, bytes.data(), sizeof row);
    const std::string_view body = std::string_view(bytes).substr(sizeof row);
    const auto known = static_cast<Known>(row.known);
    std::vector<float> vector(known == Known::vector ? body.size() / sizeof(float) : 0);
    if (!vector.empty()) std::memcpy(vector.data(), body.data(), vector.size() * sizeof(float));
    if (known == Known::vector && static_cast<int64_t>(vector.size()) != about_.width) return any;
    into.set(row.track, known, row.content, vector, {}, known == Known::unreadable ? std::string(body) : std::string());
    from += static_cast<int64_t>(sizeof head) + head.bytes;
    any = true;
  }
  return any;
}

void RecordFiles::remove_read() const {
  for (const auto& [path, read_to] : read_to_) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) continue;
    // What a kill left half written at the end goes with it; a record that was added since is not lost.
    struct stat is {};
    if (::flock(file, LOCK_EX | LOCK_NB) == 0 && ::fstat(file, &is) == 0) {
      int64_t end = read_to;
      SignalRows rest(about_);
      if (!read_new(path, end, rest)) ::unlink(path.c_str());
    }
    ::close(file);
  }
}

}  // namespace segue
